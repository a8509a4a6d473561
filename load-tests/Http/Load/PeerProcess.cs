using System.Diagnostics;
using System.Globalization;
using System.Net;
using StreamCore.HttpBench.Peers;

namespace StreamCore.HttpBench.Load;

/// <summary>A peer in a process of its own, so that its CPU time and memory are its own.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private const string SocketSwitches = "DOTNET_SYSTEM_NET_SOCKETS_";

    private readonly Process _process;

    private PeerProcess(Process process, int port)
    {
        _process = process;
        EndPoint = new(IPAddress.Loopback, port);
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>CPU time used so far, in user and kernel mode; counted by the kernel in hundredths of a second.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of the resident set.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<PeerProcess> StartAsync(PeerSettings settings)
    {
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [Environment.GetCommandLineArgs()[0], .. settings.ToArguments()]
            : settings.ToArguments();
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // The driver's own; each peer chooses for itself.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith(SocketSwitches, StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is not ["ready", var port]) throw new InvalidOperationException($"The peer {settings.Peer} did not start.");
        return new(process, int.Parse(port, CultureInfo.InvariantCulture));
    }

    /// <summary>Makes the peer collect its garbage.</summary>
    public async Task CollectAsync()
    {
        await _process.StandardInput.WriteLineAsync("collect");
        await _process.StandardOutput.ReadLineAsync();
    }

    /// <summary>Ends the process by ending its input.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
