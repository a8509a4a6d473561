using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tokenization;
using StreamCore.Protocol;
using StreamCore.Protocol.Templating;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Composition;

/// <summary>Turns a configured folder or file into a model that serves, importing it first where that is still to be done.</summary>
public sealed class ModelLoader(
    StreamCoreOptions options, ResidentModels residents, DeviceModels devices, SchedulerMetrics metrics, TimeProvider time, ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger<ModelLoader>();

    /// <summary>Where several models may run at once.</summary>
    private readonly ProcessorShare? _processors = options.Models.Count > 1 ? new ProcessorShare(Environment.ProcessorCount) : null;

    /// <summary>Reads all of the model but its weights.</summary>
    /// <exception cref="ModelFolderException">The model cannot be served; the message says what to do.</exception>
    /// <exception cref="StartupException">It takes more memory than there may be.</exception>
    internal TokenModel Prepare(ModelOptions model, CancellationToken cancellation)
    {
        var folder = ImportCache.Open(model.Path, model.Weights, (weights, target) => Importing(model, weights, target), cancellation);
        var metadata = ModelMetadata.Load(folder.FullPath);
        ITokenizer tokenizer = TokenizerLoader.Load(folder.FullPath);
        if (tokenizer.VocabularySize > metadata.VocabularySize)
            throw new ModelFolderException(
                $"'{folder.FullPath}': the tokenizer has {tokenizer.VocabularySize} tokens, but the model only {metadata.VocabularySize}; they do not belong together.");
        var prompts = Prompts(model, folder);
        if (prompts is not null) tokenizer = MarkupTokenizer.Over(tokenizer, PromptApi.Markers(prompts.ToolSyntax));

        var engine = model.Threads is { } threads ? options.Engine.WithThreads(threads) : options.Engine;
        OnnxBatchEngine.Check(folder.FullPath, engine);
        return new TokenModel(OnnxBatchEngine.LimitsOf(metadata, engine), Resident(model, folder, tokenizer, engine))
        {
            Name = model.Name,
            Created = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.GraphPath), TimeSpan.Zero),
            Fingerprint = Fingerprint(folder),
            Tokenizer = tokenizer,
            Prompts = prompts,
            BeginToken = folder.AddsBosToken ? folder.BosTokenId : null,
            EndTokens = folder.EosTokenIds,
            OnDevices = devices.Share(model.Name) ? () => devices.Find(model.Name) : null,
            DefaultMaxTokens = model.DefaultMaxTokens ?? options.Generation.DefaultMaxTokens,
            MaxTokensCeiling = model.MaxTokensCeiling ?? options.Generation.MaxTokensCeiling,
            LoadsAtStart = model.Load == ModelLoad.Start,
            ComesAndGoes = model.Load == ModelLoad.Demand || model.KeepAlive is not null || options.Memory.Budget is not null,
        };
    }

    private ResidentModel Resident(ModelOptions model, ModelFolder folder, ITokenizer tokenizer, OnnxOptions engine)
    {
        var memory = OnnxMemory.Of(folder.FullPath, engine);
        MemoryFigures.CheckFits(model.Name, memory, options.Memory.Budget);
        return residents.Add(new ResidentOptions
        {
            Name = model.Name,
            Bytes = memory.TotalBytes,
            Load = () => Load(model.Name, folder, memory, tokenizer, engine),
            KeepAlive = model.KeepAlive,
            MaxWaiting = options.Scheduler.MaxRunningSequences + options.Scheduler.QueueCapacity,
        });
    }

    private EngineInstance Load(string name, ModelFolder folder, OnnxMemory memory, ITokenizer tokenizer, OnnxOptions settings)
    {
        var start = Stopwatch.GetTimestamp();
        var before = Environment.WorkingSet;
        var onnx = OnnxBatchEngine.Load(folder.FullPath, settings);
        var engine = _processors?.Over(onnx, onnx.ThreadCount) ?? onnx;
        var isShared = devices.Share(name);
        var instance = isShared ? $"{name}/onnx" : name; // the pool has the model's own name
        var scheduler = new GenerationScheduler(
            engine, tokenizer, options.Scheduler, metrics, time, logs.CreateLogger<GenerationScheduler>(), instance);
        HostLog.ModelReady(
            _log, name, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds, onnx.Metadata.Weights, scheduler.MaxSequenceTokens,
            MemoryFigures.Text(memory.TotalBytes), MemoryFigures.Text(Math.Max(0, Environment.WorkingSet - before)));
        if (!isShared) return new EngineInstance(engine, scheduler);
        var session = new BatchSession(scheduler, engine, instance);
        return new EngineInstance(devices.Schedule(name, session), session);
    }

    private LoggedProgress Importing(ModelOptions model, string weights, string target)
    {
        HostLog.Importing(_log, model.Name, Path.GetFullPath(model.Path), weights, target);
        return new LoggedProgress(_log, model.Name, time);
    }

    private static PromptModel? Prompts(ModelOptions model, ModelFolder folder)
    {
        if (folder.ChatTemplate is not { } source) return null;
        if (!ChatTemplate.TryCompile(source, out var template, out var error))
            throw new ModelFolderException($"'{folder.FullPath}': the chat template cannot be used: {error}");
        var syntax = ToolSyntaxes.TryParse(model.ToolSyntax, out var set) ? set : PromptApi.DetectToolSyntax(template);
        return new PromptModel(model.Name, template, folder.BosToken, folder.EosToken, syntax);
    }

    /// <summary>Of the graph, and of when and how large its weights were written.</summary>
    private static string Fingerprint(ModelFolder folder)
    {
        var files = Directory.GetFiles(folder.FullPath, Path.GetFileName(folder.GraphPath) + "*").Order(StringComparer.Ordinal)
            .Select(path => new FileInfo(path))
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
        byte[] graph = [.. File.ReadAllBytes(folder.GraphPath), .. Encoding.UTF8.GetBytes(string.Join('\n', files))];
        return "fp_" + Convert.ToHexStringLower(SHA256.HashData(graph))[..10];
    }

    /// <summary>A line every few seconds; small models are done before the first.</summary>
    private sealed class LoggedProgress(ILogger log, string model, TimeProvider time) : IProgress<ImportProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
        private long _last = time.GetTimestamp();

        public void Report(ImportProgress value)
        {
            if (time.GetElapsedTime(_last) < Interval) return;
            _last = time.GetTimestamp();
            HostLog.ImportProgress(log, model, (int)(value.Fraction * 100));
        }
    }
}
