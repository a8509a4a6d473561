using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary><c>streamcore stackflow-sim</c> as a user runs it.</summary>
public sealed partial class SimulatedDevices
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_as_many_devices_as_asked_for_until_it_is_stopped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGTERM.");
        using var program = ServerProgram.Start(["stackflow-sim", "--port", "0", "--devices", "2", "--pace", "fast", "--fault", "thin-acknowledgements"]);
        try
        {
            for (var i = 0; i < 2; i++)
            {
                var line = await program.StandardOutput.ReadLineAsync(Stop) ?? await program.StandardError.ReadToEndAsync(Stop);
                var port = int.Parse(EndPoint().Match(line).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                Assert.Equal("""{"error":{"code":0,"message":""},"request_id":"p","work_id":"sys"}""" + "\n", await PingAsync(port));
            }

            using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{program.Id}"]);
            await program.WaitForExitAsync(Stop).WaitAsync(TimeSpan.FromMinutes(1), Stop);
            Assert.Equal(0, program.ExitCode);
        }
        finally
        {
            if (!program.HasExited) program.Kill();
        }
    }

    [Fact]
    public async Task It_lists_the_faults()
    {
        var ending = await ServerProgram.RunAsync(["stackflow-sim", "--list-faults"], Stop);
        Assert.Equal(0, ending.ExitCode);
        Assert.Contains("first-inference-lost", ending.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no flag --ports", "--ports", "1")]
    [InlineData("--pace is real or fast", "--pace", "slow")]
    [InlineData("no fault 'dance'", "--fault", "dance")]
    [InlineData("a chance is a number from 0 to 1", "--fault", "inference-lost=2")]
    [InlineData("--devices must be a whole number from 1 to 64", "--devices", "none")]
    [InlineData("one argument too many", "here", "--seed", "1")]
    public async Task A_mistake_is_one_clear_line(string told, params string[] arguments)
    {
        var ending = await ServerProgram.RunAsync(["stackflow-sim", .. arguments], Stop);
        Assert.Equal(1, ending.ExitCode);
        Assert.Contains(told, ending.Errors, StringComparison.Ordinal);
        Assert.Single(ending.Errors.TrimEnd().Split('\n'));
    }

    private static async Task<string> PingAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Stop);
        var stream = client.GetStream();
        await stream.WriteAsync("""{"request_id":"p","work_id":"sys","action":"ping"}"""u8.ToArray(), Stop);
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, Stop));
    }

    [GeneratedRegex("^Simulated StackFlow device at 127[.]0[.]0[.]1:([0-9]+) ")]
    private static partial Regex EndPoint();
}
