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

namespace StreamCore.Host.Composition;

/// <summary>Turns a configured folder or file into a model that serves, importing it first where that is still to be done.</summary>
public sealed class ModelLoader(StreamCoreOptions options, SchedulerMetrics metrics, TimeProvider time, ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger<ModelLoader>();

    /// <exception cref="ModelFolderException">The model cannot be served; the message says what to do.</exception>
    internal ServedModel Load(ModelOptions model, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var folder = Imported(model, cancellation);
        var metadata = ModelMetadata.Load(folder.FullPath);
        ITokenizer tokenizer = TokenizerLoader.Load(folder.FullPath);
        if (tokenizer.VocabularySize > metadata.VocabularySize)
            throw new ModelFolderException(
                $"'{folder.FullPath}': the tokenizer has {tokenizer.VocabularySize} tokens, but the model only {metadata.VocabularySize}; they do not belong together.");
        var prompts = Prompts(model, folder);
        if (prompts is not null) tokenizer = MarkupTokenizer.Over(tokenizer, PromptApi.Markers(prompts.ToolSyntax));

        var engine = OnnxBatchEngine.Load(folder.FullPath, options.Engine);
        var scheduler = new GenerationScheduler(
            engine, tokenizer, options.Scheduler, metrics, time, logs.CreateLogger<GenerationScheduler>(), model.Name);
        HostLog.ModelReady(_log, model.Name, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds, metadata.Weights, scheduler.MaxSequenceTokens);
        return new ServedModel(engine, scheduler)
        {
            Name = model.Name,
            Created = new DateTimeOffset(File.GetLastWriteTimeUtc(folder.GraphPath), TimeSpan.Zero),
            Fingerprint = Fingerprint(folder),
            Tokenizer = tokenizer,
            Prompts = prompts,
            BeginToken = folder.AddsBosToken ? folder.BosTokenId : null,
            EndTokens = folder.EosTokenIds,
            DefaultMaxTokens = model.DefaultMaxTokens ?? options.Generation.DefaultMaxTokens,
            MaxTokensCeiling = model.MaxTokensCeiling ?? options.Generation.MaxTokensCeiling,
        };
    }

    private ModelFolder Imported(ModelOptions model, CancellationToken cancellation)
    {
        var source = Path.GetFullPath(model.Path);
        if (!File.Exists(source) && ModelFolder.KindOf(source) == ModelFolderKind.Imported) return ModelFolder.Open(source);

        var format = model.Weights.Length > 0 ? WeightFormats.Parse(model.Weights) : ModelImporter.DefaultFormat(source);
        var weights = WeightFormats.NameOf(format);
        var target = ImportCache.FolderFor(source, weights);
        if (!Directory.Exists(target))
        {
            // Looked at before the long work: a model without its tokenizer cannot be served. A file's is looked at by its import.
            if (Directory.Exists(source)) TokenizerLoader.Load(source);
            HostLog.Importing(_log, model.Name, source, weights, target);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            ModelImporter.Import(source, target, format, new LoggedProgress(_log, model.Name, time), cancellation);
        }

        return ModelFolder.Open(target);
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
