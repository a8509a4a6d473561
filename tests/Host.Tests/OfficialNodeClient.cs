using System.Diagnostics;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The official npm client against a real server; the checks are in <c>Clients/openai.mjs</c>.</summary>
public class OfficialNodeClient(ServerFixture server)
{
    [Fact]
    public Task The_npm_client_is_answered_as_it_expects() => RunAsync("openai.mjs", server.Address, ServerFixture.Model);

    internal static Task RunAsync(string script, Uri address, string model) => RunAsync(script, new Uri(address, "v1").ToString(), model);

    /// <summary>Runs one of the scripts of checks in <c>Clients</c>.</summary>
    internal static async Task RunAsync(string script, params string[] arguments)
    {
        var clients = Path.Combine(Repository.Root, "tests", "Host.Tests", "Clients");
        Assert.True(Directory.Exists(Path.Combine(clients, "node_modules", "openai")), "Run ./test, or 'npm ci' in tests/Host.Tests/Clients.");
        var start = new ProcessStartInfo("node", ["--import", "./recording.mjs", script, .. arguments])
        {
            WorkingDirectory = clients,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await errors + await output);
        Assert.Contains("all checks hold", await output, StringComparison.Ordinal);
    }
}
