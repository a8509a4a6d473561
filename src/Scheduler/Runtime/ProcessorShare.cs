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

    /// <summary>Whether so many were free, with nobody in line for them.</summary>
    private bool TryTake(int count)
    {
        lock (_gate)
        {
            if (_lastTicket != _served || _free < count) return false;
            _free -= count;
            return true;
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

        public int WorkerCount => engine.WorkerCount;

        /// <summary>Small work between steps waits for nobody: the caller does it alone while others compute.</summary>
        public void Share(IParallelWork work)
        {
            if (!share.TryTake(threads))
            {
                work.Work(0);
                return;
            }

            try
            {
                engine.Share(work);
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
