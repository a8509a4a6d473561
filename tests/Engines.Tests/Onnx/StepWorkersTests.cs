using System.Collections.Concurrent;
using StreamCore.Engines.Onnx;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class StepWorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_piece_of_every_section_is_done_once_before_the_section_is_over(int count)
    {
        using var workers = new StepWorkers(count);
        for (var section = 0; section < 20_000; section++)
        {
            var work = new Pieces(section % 50);
            workers.Run(work, 1 + section % 10);
            Assert.True(work.AllDoneOnce);
            Assert.All(work.Workers, worker => Assert.InRange(worker, 0, Math.Min(count - 1, section % 10)));
        }
    }

    [Fact]
    public void Workers_help_also_after_they_went_to_sleep()
    {
        using var workers = new StepWorkers(2);
        for (var i = 0; i < 3; i++)
        {
            // The caller waits until another worker has come, which by then may sleep or not.
            var meeting = new Meeting(TimeSpan.FromSeconds(60));
            workers.Run(meeting, 2);
            Assert.True(meeting.BothCame);
        }
    }

    [Fact]
    public void The_threads_end_when_they_are_disposed()
    {
        var seen = new ConcurrentBag<Thread>();
        using (var workers = new StepWorkers(2))
        {
            var meeting = new Meeting(TimeSpan.FromSeconds(60), seen.Add);
            workers.Run(meeting, 2);
        }
        Assert.All(seen.Where(thread => thread != Thread.CurrentThread), thread => Assert.True(thread.Join(TimeSpan.FromSeconds(60))));
        Assert.Equal(2, seen.Distinct().Count());
    }

    private sealed class Pieces(int count) : IParallelWork
    {
        private readonly int[] _done = new int[count];
        private int _taken;

        public ConcurrentBag<int> Workers { get; } = [];

        public bool AllDoneOnce => _done.All(times => times == 1);

        public void Work(int worker)
        {
            Workers.Add(worker);
            for (var i = Interlocked.Increment(ref _taken) - 1; i < count; i = Interlocked.Increment(ref _taken) - 1) _done[i]++;
        }
    }

    private sealed class Meeting(TimeSpan patience, Action<Thread>? seen = null) : IParallelWork
    {
        private readonly TaskCompletionSource _both = new();
        private int _came;

        public bool BothCame => _both.Task.IsCompleted;

        public void Work(int worker)
        {
            seen?.Invoke(Thread.CurrentThread);
            if (Interlocked.Increment(ref _came) == 2) _both.SetResult();
            _both.Task.Wait(patience);
        }
    }
}
