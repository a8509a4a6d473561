using System.Globalization;
using StreamCore.Engines.Evaluation;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tokenization;
using StreamCore.Host;
using StreamCore.Host.Composition;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore evaluate</c>: what weight formats cost a model, told by a text that it and its float32 import read side by side.</summary>
internal static class EvaluateCommand
{
    private const int DefaultWindow = 512;
    private const string Usage =
        "streamcore evaluate PATH --text FILE [--weights FORMAT,FORMAT] [--reference PATH] [--context 512] [--tokens N] [--json FILE]; --text - reads standard input";

    public static int Run(string[] arguments)
    {
        var flags = new Flags(arguments, Usage, "text", "weights", "reference", "context", "tokens", "json");
        var formats = Formats(flags.Value("weights", ""));
        var limit = Number(flags, "tokens", int.MaxValue, 1, int.MaxValue);
        var json = flags.Value("json", "");
        if (json.Length > 0 && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(json))))
            throw new StartupException($"--json: there is no folder for '{json}'.");
        var text = ReadText(flags.Value("text", ""));

        var models = Models(flags.Argument!, flags.Value("reference", ""), formats);
        var most = models.Min(model => model.MaxContextTokens);
        var window = Number(flags, "context", Math.Min(DefaultWindow, most), TextEvaluation.LeastWindow, most);
        var tokens = Tokens(models, text);
        var windows = Math.Min(tokens.Length, limit) / window;
        if (windows == 0)
            throw new StartupException(
                $"The text has {Math.Min(tokens.Length, limit)} tokens, fewer than one window of {window}: more text is needed, or a smaller --context.");

        var report = new EvaluationReport(models, window, windows, Read(models, tokens, window, windows));
        Console.WriteLine(report.Table());
        if (json.Length > 0) File.WriteAllText(json, report.Json());
        return 0;
    }

    private static string[] Formats(string list)
    {
        if (list.Length == 0) return [""];
        var formats = list.Split(',', StringSplitOptions.TrimEntries);
        foreach (var format in formats)
        {
            if (!WeightFormats.TryParse(format, out _))
                throw new StartupException($"'{format}' is not a weight format; there are {WeightFormats.Names}.");
        }

        return formats;
    }

    private static int Number(Flags flags, string name, int fallback, int least, int most)
    {
        var text = flags.Value(name, "");
        if (text.Length == 0) return fallback;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        throw new StartupException(
            most == int.MaxValue ? $"--{name} must be a whole number from {least} on, not '{text}'."
            : $"--{name} must be a whole number from {least} to {most}, which is what the model was made for, not '{text}'.");
    }

    private static string ReadText(string path)
    {
        if (path.Length == 0) throw new StartupException("--text is missing: the file that the models are to read, or - for standard input. Usage: " + Usage);
        try
        {
            return path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--text: '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The reference first, then the others, each once.</summary>
    private static List<ModelFolder> Models(string path, string reference, string[] formats)
    {
        var models = formats.Select(format => Open(path, format)).ToList();
        var isImported = models[0].FullPath == Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var weights = ModelMetadata.Load(models[0].FullPath).Weights;
        if (isImported && formats is not [""])
            throw new StartupException($"'{path}' is imported already, with {weights} weights: --weights goes with what it was imported from.");
        if (isImported && reference.Length == 0 && weights != WeightFormats.NameOf(WeightFormat.Float32))
            throw new StartupException($"'{path}' is imported with {weights} weights: name what to compare it with, best what it was imported from, by --reference.");
        models.Insert(0, Open(reference.Length > 0 ? reference : path, WeightFormats.NameOf(WeightFormat.Float32)));
        return [.. models.DistinctBy(model => model.FullPath)];
    }

    private static ModelFolder Open(string path, string format) =>
        ImportCache.Open(path, format, static (weights, _) => new ProgressLine($"importing as {weights}"));

    /// <summary>The text's tokens, as it stands: no chat template; spellings of special tokens are these tokens.</summary>
    private static int[] Tokens(List<ModelFolder> models, string text)
    {
        var tokens = TokensOf(models[0]);
        var vocabulary = ModelMetadata.Load(models[0].FullPath).VocabularySize;
        foreach (var model in models.Skip(1))
        {
            if (ModelMetadata.Load(model.FullPath).VocabularySize != vocabulary || !TokensOf(model).AsSpan().SequenceEqual(tokens))
                throw new StartupException($"'{model.FullPath}' and '{models[0].FullPath}' have different tokens, so they cannot be compared.");
        }

        return tokens;

        int[] TokensOf(ModelFolder model)
        {
            var encoded = TokenizerLoader.Load(model.FullPath).Encode(text, special: true);
            return model.AddsBosToken && model.BosTokenId is { } begin ? [begin, .. encoded] : encoded;
        }
    }

    private static IReadOnlyList<EvaluationFigures> Read(List<ModelFolder> models, int[] tokens, int window, int windows)
    {
        var engines = new List<OnnxBatchEngine>();
        try
        {
            foreach (var model in models) engines.Add(OnnxBatchEngine.Load(model.FullPath, TextEvaluation.EngineOptions(window)));
            var evaluation = new TextEvaluation(engines);
            var progress = new ProgressLine("evaluating");
            for (var i = 0; i < windows; i++)
            {
                var read = tokens.AsSpan(i * window, window);
                if (models[0].AddsBosToken && models[0].BosTokenId is { } begin) read[0] = begin; // each window is a text of its own
                evaluation.Read(read);
                progress.Report((i + 1.0) / windows);
            }

            return evaluation.Figures();
        }
        finally
        {
            foreach (var engine in engines) engine.Dispose();
        }
    }
}
