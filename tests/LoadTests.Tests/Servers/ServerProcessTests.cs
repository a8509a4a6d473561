using System.Globalization;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Servers;

namespace StreamCore.LoadTests.Tests.Servers;

/// <summary>Starting and ending servers, with the driver's own stub as the program.</summary>
public sealed class ServerProcessTests
{
    private static readonly string Driver = Path.Combine(AppContext.BaseDirectory, "driver.dll");

    [Fact]
    public async Task A_server_is_started_waited_for_and_ended()
    {
        var (port, url) = Free();
        await using (var server = await ServerProcess.StartAsync(Driver, ["stub", "--port", port], url))
        {
            Assert.Equal(new ListedModel("stub", "none"), await ServerQuestions.FirstModelAsync(url, null));
            Assert.True(server.Use.PeakBytes > 1_000_000, $"{server.Use}");
        }

        await Assert.ThrowsAsync<UsageException>(() => ServerQuestions.FirstModelAsync(url, null));
    }

    [Fact]
    public async Task A_server_that_ends_at_once_is_told_and_its_words_are_kept()
    {
        var (port, url) = Free();
        var fault = await Assert.ThrowsAsync<UsageException>(() => ServerProcess.StartAsync(Driver, ["stub", "--prot", port], url));
        Assert.Matches("ended with 2 before it served; see (.+)\\.$", fault.Message);
        var log = fault.Message[(fault.Message.IndexOf("see ", StringComparison.Ordinal) + 4)..^1];
        Assert.Contains("There is no flag --prot here", File.ReadAllText(log), StringComparison.Ordinal);
        File.Delete(log);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_told() =>
        Assert.Equal("There is no program '/no/such/server'.", (await Assert.ThrowsAsync<UsageException>(() => ServerProcess.StartAsync("/no/such/server", [], Free().Url))).Message);

    private static (string Port, Uri Url) Free()
    {
        var port = ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        return (port, new Uri("http://127.0.0.1:" + port));
    }
}
