using System.Globalization;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Servers;

/// <summary>llama.cpp's server, given as many slots as the scenario can fill, and a context for each that holds its longest request.</summary>
internal sealed class LlamaServerTarget(string program, string gguf, int threads, IReadOnlyList<string> flags) : Target
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
        return await StartAsync(program, arguments, url, listed => listed.Format ?? Path.GetFileName(gguf));

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
