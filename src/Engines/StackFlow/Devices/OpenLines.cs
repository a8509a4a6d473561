using System.IO.Pipelines;
using StreamCore.Engines.StackFlow.Connections;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// The connections to one device that are open: so that none outlives the pool, also not one on which a setup that was given up is still
/// watched. What becomes of that setup the last sweep finds out, or the journal's next reader.
/// </summary>
internal sealed class OpenLines(IDeviceDialer dialer) : IDeviceDialer, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Line> _lines = [];

    public string Name => dialer.Name;

    public async ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation)
    {
        var line = new Line(this, await dialer.ConnectAsync(cancellation).ConfigureAwait(false));
        lock (_gate) _lines.Add(line);
        return line;
    }

    /// <summary>Hangs up on all that are open.</summary>
    public async Task HangUpAsync()
    {
        Line[] lines;
        lock (_gate) lines = [.. _lines];
        foreach (var line in lines) await line.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Hangs up on all, and disposes of the dialer.</summary>
    public async ValueTask DisposeAsync()
    {
        await HangUpAsync().ConfigureAwait(false);
        (dialer as IDisposable)?.Dispose();
    }

    private sealed class Line(OpenLines lines, IDeviceLine inner) : IDeviceLine
    {
        public PipeReader Input => inner.Input;

        public PipeWriter Output => inner.Output;

        public ValueTask DisposeAsync()
        {
            lock (lines._gate) lines._lines.Remove(this);
            return inner.DisposeAsync();
        }
    }
}
