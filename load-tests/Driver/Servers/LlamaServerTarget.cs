using System.Globalization;
using System.Text.RegularExpressions;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Servers;

/// <summary>llama.cpp's server, given as many slots as the scenario can fill, and a context for each that holds its longest request.</summary>
internal sealed partial class LlamaServerTarget(string program, string gguf, int threads, IReadOnlyList<string> flags) : Target
{
    private const int ContextStep = 256;

    public override async Task<RunningServer> StartAsync(Scenario scenario)
    {
        var (slots, port) = (scenario.MostAtOnce, ServerProcess.FreePort());
        var context = (scenario.MostTokens + ContextStep - 1) / ContextStep * ContextStep;
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        string[] arguments =
        [
            "-m", gguf, "-c", Text(slots * context), "-np", Text(slots), "-t", Text(threads), "--host", "127.0.0.1", "--port", Text(port),
            "-fa", "on", "--no-webui", .. flags,
        ];
        var process = await ServerProcess.StartAsync(program, arguments, url);
        return new(url, await ServerQuestions.FirstModelAsync(url, Key), Format(process.LogPath), process);

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What the server said of the file when it loaded it.</summary>
    private static string Format(string logPath)
    {
        using var log = new StreamReader(new FileStream(logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return FileType().Match(log.ReadToEnd()) is { Success: true } match ? match.Groups[1].Value.Trim() : "unknown";
    }

    [GeneratedRegex(@"(?:model ftype|file type)\s*=\s*(.+)")]
    private static partial Regex FileType();
}
