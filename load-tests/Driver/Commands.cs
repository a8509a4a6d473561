using StreamCore.LoadTests.Report;
using StreamCore.LoadTests.Scenarios;
using StreamCore.LoadTests.Servers;
using StreamCore.LoadTests.Stub;

namespace StreamCore.LoadTests;

/// <summary>What the program can do.</summary>
internal static class Commands
{
    private const int DefaultRounds = 3;

    public static string Help => $"""
        driver run SCENARIO --url URL [--url URL ...]     measure servers that run
            --name NAME (one for each --url, in reports)  --model NAME (else the first that the server lists)  --key KEY
        driver compare SCENARIO --llama-server FILE --gguf FILE
            measure StreamCore against llama.cpp's server, both started here
            --model FOLDER (else the built-in model)  --streamcore FILE (else the release build)  --threads N (else all processors)
            --streamcore-flags "..."  --llama-flags "..."
        both: [--rounds N, by default 1 and {DefaultRounds}] [--json FILE] [--html FILE]
        driver report FILE.json ... --html FILE           one page of several runs of a scenario
        driver stub [--port 9000] [--first-ms 20] [--step-ms 10] [--slots N] [--refuse-every N]
            a server without a model, to measure the driver with
        SCENARIO is a file, or one of {string.Join(", ", ScenarioFile.Known)}.
        """;

    public static async Task<int> RunAsync(string[] flags)
    {
        var arguments = new Arguments(flags, "url", "name", "model", "key", "rounds", "json", "html");
        var (urls, names) = (arguments.All("url"), arguments.All("name"));
        if (urls.Count == 0) throw new UsageException("--url is missing: which server is to be measured?");
        if (names.Count != 0 && names.Count != urls.Count) throw new UsageException("Give a --name for each --url, or none.");
        Target[] targets = [.. urls.Select((url, i) => new UrlTarget(Address(url), arguments.Value("model")) { Name = names.Count == 0 ? url : names[i], Key = arguments.Value("key") })];
        return await MeasureAsync(arguments, targets, fallbackRounds: 1);
    }

    public static async Task<int> CompareAsync(string[] flags)
    {
        var arguments = new Arguments(flags, "llama-server", "gguf", "model", "streamcore", "threads", "streamcore-flags", "llama-flags", "rounds", "json", "html");
        // Told now, and not when the first server was measured.
        foreach (var file in new[] { arguments.Required("llama-server"), arguments.Required("gguf") })
            if (!File.Exists(file)) throw new UsageException($"There is no file '{file}'.");
        var threads = arguments.Number("threads", Environment.ProcessorCount, least: 1);
        return await MeasureAsync(arguments,
        [
            new StreamCoreTarget(arguments.Value("streamcore") ?? StreamCoreTarget.DefaultProgram, arguments.Value("model"), threads, arguments.Words("streamcore-flags")) { Name = "StreamCore" },
            new LlamaServerTarget(arguments.Required("llama-server"), arguments.Required("gguf"), threads, arguments.Words("llama-flags")) { Name = "llama-server" },
        ], DefaultRounds);
    }

    public static int Report(string[] flags)
    {
        var arguments = new Arguments(flags, "html");
        if (arguments.Plain.Count == 0) throw new UsageException("Name the JSON files to report on.");
        var joined = JsonReport.Join([.. arguments.Plain.Select(path => (Path.GetFileNameWithoutExtension(path), JsonReport.Read(Existing(path), path)))]);
        Write(arguments.Required("html"), HtmlReport.Render(joined));
        return 0;
    }

    public static async Task<int> StubAsync(string[] flags)
    {
        var arguments = new Arguments(flags, "port", "first-ms", "step-ms", "slots", "refuse-every");
        var defaults = new StubSettings();
        await using var stub = new StubServer(new(
            arguments.Number("port", 9000), arguments.Number("first-ms", defaults.FirstMilliseconds), arguments.Number("step-ms", defaults.StepMilliseconds),
            arguments.Number("slots", defaults.Slots, least: 1), arguments.Number("refuse-every", defaults.RefuseEvery)));
        Console.WriteLine($"The stub serves at {stub.Url} (Ctrl+C stops it).");
        var stopped = new TaskCompletionSource();
        Console.CancelKeyPress += (_, press) => press.Cancel = stopped.TrySetResult();
        await stopped.Task;
        return 0;
    }

    /// <summary>1 when a request failed: whoever reads only the exit code shall not take the figures for good.</summary>
    private static async Task<int> MeasureAsync(Arguments arguments, IReadOnlyList<Target> targets, int fallbackRounds)
    {
        if (arguments.Plain is not [var name]) throw new UsageException($"Name one scenario: a file, or one of {string.Join(", ", ScenarioFile.Known)}.");
        var rounds = arguments.Number("rounds", fallbackRounds, least: 1);
        await using var bench = new Bench(ScenarioFile.Load(name), targets, rounds);
        var result = await bench.RunAsync(TimeProvider.System);
        Console.WriteLine(MarkdownReport.Render(result));
        if (arguments.Value("json") is { } json) Write(json, JsonReport.Write(result));
        if (arguments.Value("html") is { } html) Write(html, HtmlReport.Render(result));
        return result.Runs.SelectMany(run => run.Loads).All(load => load.Errors.Count == 0) ? 0 : 1;
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        ? url
        : throw new UsageException($"--url must be like http://127.0.0.1:8000, but is '{text}'.");

    private static string Existing(string path) => File.Exists(path) ? File.ReadAllText(path) : throw new UsageException($"There is no file '{path}'.");

    private static void Write(string path, string text)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(path, text);
        Console.Error.WriteLine("Written: " + path);
    }
}
