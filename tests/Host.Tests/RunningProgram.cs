using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The server program while it serves, until it is sent SIGTERM or the test is over.</summary>
internal sealed partial class RunningProgram : IDisposable
{
    private readonly Process _process;

    private RunningProgram(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Ends with a slash, without <c>v1</c>.</summary>
    public Uri Address { get; }

    /// <summary>Done when it serves, on a free port.</summary>
    public static async Task<RunningProgram> StartAsync(string[] arguments, CancellationToken stop)
    {
        var process = ServerProgram.Start([.. arguments, "--listen", "127.0.0.1", "--port", "0"]);
        try
        {
            return new RunningProgram(process, await FindAddressAsync(process, stop));
        }
        catch
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>As an orchestrator tells it to stop.</summary>
    public async Task TerminateAsync(CancellationToken stop)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(stop);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitCodeAsync(CancellationToken stop)
    {
        await _process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromMinutes(1), stop);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>Reads what the program says until it invites; both outputs are read to their ends from then on, so that it never waits.</summary>
    private static async Task<Uri> FindAddressAsync(Process process, CancellationToken stop)
    {
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(stop) is { } line)
        {
            if (Invitation().Match(line) is not { Success: true } found) continue;
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new Uri($"http://127.0.0.1:{found.Groups[1].Value}/");
        }

        throw new InvalidOperationException("The program ended before it served: " + await errors);
    }

    [GeneratedRegex(@"^StreamCore serves .* at http://localhost:(\d+)/v1 ")]
    private static partial Regex Invitation();
}
