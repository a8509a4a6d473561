using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Servers;

/// <summary>A server that the driver starts and ends. What it says goes to a file.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private ServerProcess(Process process, string logPath)
    {
        (_process, LogPath) = (process, logPath);
        _log = new StreamWriter(logPath) { AutoFlush = true };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        AppDomain.CurrentDomain.ProcessExit += End;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string LogPath { get; }

    public ServerUse Use
    {
        get
        {
            _process.Refresh();
            return new(_process.TotalProcessorTime.TotalSeconds, _process.PeakWorkingSet64);
        }
    }

    /// <summary>A port that nobody listens on at the moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts the program and waits until <c>/health</c> says that it serves.</summary>
    /// <exception cref="UsageException">It cannot be started, ends at once, or does not become ready in time.</exception>
    public static async Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, Uri url)
    {
        var start = program.EndsWith(".dll", StringComparison.Ordinal) ? new ProcessStartInfo("dotnet", [program, .. arguments]) : new ProcessStartInfo(program, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        // The switches that the driver set for itself.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("DOTNET_SYSTEM_NET_SOCKETS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        if (!File.Exists(program)) throw new UsageException($"There is no program '{program}'.");
        var server = new ServerProcess(Process.Start(start)!, Path.Combine(Path.GetTempPath(), $"load-test-{Path.GetFileNameWithoutExtension(program)}-{url.Port}.log"));
        try
        {
            await server.UntilReadyAsync(url);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= End;
        End(null, EventArgs.Empty);
        await _process.WaitForExitAsync();
        _process.Dispose();
        lock (_log) _log.Dispose();
    }

    /// <summary>The server shall not outlive the driver, however that ends.</summary>
    private void End(object? sender, EventArgs none)
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    private async Task UntilReadyAsync(Uri url)
    {
        using var http = new HttpClient { BaseAddress = url };
        var start = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(http))
        {
            if (_process.HasExited) throw new UsageException($"The server ended with {_process.ExitCode} before it served; see {LogPath}.");
            if (Stopwatch.GetElapsedTime(start) > StartTimeout) throw new UsageException($"The server was not ready after {StartTimeout.TotalMinutes} minutes; see {LogPath}.");
            await Task.Delay(ProbeInterval);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("/health");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        lock (_log)
        {
            if (line is not null && _log.BaseStream.CanWrite) _log.WriteLine(line);
        }
    }
}
