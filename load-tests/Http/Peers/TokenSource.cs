using System.Diagnostics;
using System.Threading.Channels;

namespace StreamCore.HttpBench.Peers;

/// <summary>
/// Stands for a model, and is the same behind every peer. Either tokens are there at once, or one thread gives every open
/// stream a token at each step, as a batching engine does.
/// </summary>
internal sealed class TokenSource
{
    private readonly PeerSettings _settings;
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<long>> _open = [];

    public TokenSource(PeerSettings settings)
    {
        _settings = settings;
        if (settings.StepMilliseconds > 0) new Thread(Step) { IsBackground = true, Name = "steps" }.Start();
    }

    public TokenStream Open()
    {
        if (_settings.StepMilliseconds == 0) return new(_settings, null, null);
        // Unbounded: a stream gets one token a step whether or not its client reads, and streams end.
        var channel = Channel.CreateUnbounded<long>(new() { SingleReader = true, SingleWriter = true });
        lock (_gate) _open.Add(channel);
        return new(_settings, channel, Close);
    }

    private void Close(Channel<long> channel)
    {
        lock (_gate) _open.Remove(channel);
    }

    private void Step()
    {
        using var never = new ManualResetEvent(false);
        while (!never.WaitOne(_settings.StepMilliseconds))
        {
            lock (_gate)
            {
                var due = Stopwatch.GetTimestamp();
                foreach (var channel in _open) channel.Writer.TryWrite(due);
            }
        }
    }
}
