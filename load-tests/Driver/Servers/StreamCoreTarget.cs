using System.Globalization;
using System.Text.Json;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Servers;

/// <summary>StreamCore, started with its own defaults beside model, threads and what the user adds.</summary>
/// <param name="program">streamcore.dll or a published executable.</param>
/// <param name="model">A model folder; null for the built-in model.</param>
internal sealed class StreamCoreTarget(string program, string? model, int threads, IReadOnlyList<string> flags) : Target
{
    /// <summary>Where the release build of this repository leaves it.</summary>
    public static string DefaultProgram => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "StreamCore.Server", "release", "streamcore.dll"));

    public override async Task<RunningServer> StartAsync(Scenario scenario)
    {
        var port = ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        var url = new Uri("http://127.0.0.1:" + port);
        string[] arguments = ["serve", "--listen", "127.0.0.1", "--port", port, "--threads", threads.ToString(CultureInfo.InvariantCulture), .. flags];
        if (model is not null) arguments = [.. arguments, "--model", model];
        return await StartAsync(program, arguments, url, _ => Format());
    }

    private string Format()
    {
        var metadata = Path.Combine(model ?? "", "streamcore.json");
        if (model is null || !File.Exists(metadata)) return model is null ? "built-in" : "imported at its start";
        using var json = JsonDocument.Parse(File.ReadAllBytes(metadata));
        return json.RootElement.TryGetProperty("weights", out var weights) ? weights.ToString() : "unknown";
    }
}
