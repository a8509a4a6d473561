using System.Diagnostics;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx;

/// <summary>
/// Threads of one engine for the operators of its steps. These follow each other within microseconds, which is less than it takes to wake a
/// thread, so the workers wait for the next at full speed, but not for long: between steps they sleep. One operator at a time; a worker that the
/// system does not let run in time is not waited for, the others have done its share.
/// </summary>
internal sealed class StepWorkers : IWorkers, IDisposable
{
    /// <summary>How long a worker waits at full speed: some ten times what lies between two operators.</summary>
    private static readonly long Patience = Stopwatch.Frequency / 10_000;

    private readonly Helper[] _helpers;
    private IParallelWork? _work;
    private int _wanted;

    /// <summary>Odd while there is work that may be joined. Only the thread that runs an operator changes it.</summary>
    private int _section;

    /// <summary>Helpers that may be at work: who joins counts itself before it looks whether the section is still open.</summary>
    private int _active;

    /// <summary>Starts the threads. The one that calls <see cref="Run"/> is one of <paramref name="count"/>.</summary>
    public StepWorkers(int count)
    {
        _helpers = [.. Enumerable.Range(1, count - 1).Select(number => new Helper(number))];
        foreach (var helper in _helpers)
            new Thread(() => Help(helper)) { IsBackground = true, Name = $"step worker {helper.Number}" }.Start();
    }

    public void Run(IParallelWork work, int count)
    {
        (_work, _wanted) = (work, Math.Min(count - 1, _helpers.Length));
        if (_wanted <= 0)
        {
            work.Work(0);
            return;
        }
        Interlocked.Increment(ref _section);
        for (var i = 0; i < _wanted; i++) _helpers[i].Wake();
        work.Work(0);
        Interlocked.Increment(ref _section);
        var wait = new SpinWait();
        while (Volatile.Read(ref _active) != 0) wait.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>Ends the threads. Not while an operator runs.</summary>
    public void Dispose()
    {
        foreach (var helper in _helpers) helper.End();
    }

    private void Help(Helper helper)
    {
        var done = 0;
        while (helper.Wait(ref _section, done))
        {
            var section = Volatile.Read(ref _section);
            Interlocked.Increment(ref _active);
            if (section % 2 != 0 && Volatile.Read(ref _section) == section && helper.Number <= _wanted) _work!.Work(helper.Number);
            Interlocked.Decrement(ref _active);
            done = section;
        }
    }

    /// <summary>One thread: how it waits and is woken.</summary>
    private sealed class Helper(int number)
    {
        private readonly object _gate = new();
        private int _sleeps;
        private volatile bool _isOver;

        public int Number => number;

        /// <summary>Comes back when there is a section other than <paramref name="done"/>; false when the thread shall end.</summary>
        public bool Wait(ref int section, int done)
        {
            var began = Stopwatch.GetTimestamp();
            while (!_isOver)
            {
                if (IsNew(ref section, done)) return true;
                Thread.SpinWait(4);
                if (Stopwatch.GetTimestamp() - began < Patience) continue;
                Sleep(ref section, done);
                began = Stopwatch.GetTimestamp();
            }
            return false;
        }

        public void Wake()
        {
            if (Volatile.Read(ref _sleeps) == 0) return;
            lock (_gate)
            {
                _sleeps = 0;
                Monitor.Pulse(_gate);
            }
        }

        public void End()
        {
            _isOver = true;
            Interlocked.MemoryBarrier();
            Wake();
        }

        private void Sleep(ref int section, int done)
        {
            lock (_gate)
            {
                Interlocked.Exchange(ref _sleeps, 1);
                // Who opens a section from now on sees that it must wake this thread.
                if (!IsNew(ref section, done) && !_isOver)
                    while (_sleeps == 1) Monitor.Wait(_gate);
                _sleeps = 0;
            }
        }

        private static bool IsNew(ref int section, int done)
        {
            var now = Volatile.Read(ref section);
            return now % 2 != 0 && now != done;
        }
    }
}
