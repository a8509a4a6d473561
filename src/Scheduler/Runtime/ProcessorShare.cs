namespace StreamCore.Scheduler;

/// <summary>
/// The processors that the engines of a process share. A step takes as many as it has threads, and waits in line for them: steps of
/// several models run side by side only as far as there are processors for all their threads, else one after the other.
/// </summary>
public sealed class ProcessorShare(int processors)
{
    private readonly object _gate = new();
    private readonly int _processors = processors;
    private int _free = processors;
    private long _lastTicket, _served;

    /// <summary>The engine, whose steps wait for their processors. More than there are count as all.</summary>
    public IBatchEngine Over(IBatchEngine engine, int threads) => new SharingEngine(engine, this, Math.Min(threads, _processors));

    /// <summary>Blocks until it is the caller's turn and so many are free.</summary>
    private void Take(int count)
    {
        lock (_gate)
        {
            var ticket = _lastTicket++;
            while (ticket != _served || _free < count) Monitor.Wait(_gate);
            _served++;
            _free -= count;
            Monitor.PulseAll(_gate);
        }
    }

    private void GiveBack(int count)
    {
        lock (_gate)
        {
            _free += count;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed class SharingEngine(IBatchEngine engine, ProcessorShare share, int threads) : IBatchEngine
    {
        public BatchEngineLimits Limits => engine.Limits;

        public void Run(RaggedStep step)
        {
            share.Take(threads);
            try
            {
                engine.Run(step);
            }
            finally
            {
                share.GiveBack(threads);
            }
        }

        public Span<float> Logits(int row) => engine.Logits(row);

        public void Dispose() => engine.Dispose();
    }
}
