using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

public sealed class SessionCancellationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_queued_generation_ends_at_once_and_never_runs()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var running = pool.Submit("first");
        await pool.PieceWaits();
        var queued = pool.Submit("second");
        queued.Cancel(CancelledBy.Client);
        Assert.Equal(CancelledBy.Client, queued.Outcome?.CancelledBy);
        Assert.Equal((1, 0), (pool.Scheduler.Progress.Running, pool.Scheduler.Progress.Waiting));
        Assert.Equal(1, pool.Metric("streamcore.slots.freed", "Queued"));
        pool.Member.Open();
        await Harness.ReadAsync(running);
        queued.Dispose();
        await pool.Scheduler.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["first"], pool.Member.Started);
    }

    [Theory]
    [InlineData(0, "Prefill")]
    [InlineData(2, "Decode")]
    public async Task A_generation_that_runs_ends_at_once_and_gives_its_place_back(int pieces, string phase)
    {
        await using var pool = new Pool();
        pool.Member.Script = _ => ScriptedSession.Says("abcdef");
        pool.Member.Hold();
        var generation = pool.Submit();
        await pool.PieceWaits();
        for (var i = 0; i < pieces; i++)
        {
            pool.Member.LetPiece();
            await pool.PieceWaits();
        }

        generation.Cancel(CancelledBy.Client);
        Assert.Equal(CancelledBy.Client, generation.Outcome?.CancelledBy);
        Assert.Equal(1, pool.Metric("streamcore.slots.freed", phase));
        Assert.Equal("abcdef"[..pieces], await Harness.ReadAsync(generation));
        await Pool.Until(() => pool.Member.Running == 0);
        pool.Member.Open();
        Assert.Equal("abcdef", await Harness.ReadAsync(pool.Submit()));
    }

    [Fact]
    public async Task A_generation_between_two_members_ends_at_once()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[1].SetCapacity(0);
        pool.Members[0].Script = _ =>
        {
            pool.Members[0].SetCapacity(0); // gone before it fails
            return ScriptedSession.Fails(new EngineFault("gone", MayRetry: true));
        };
        var generation = pool.Submit();
        await Pool.Until(() => pool.Metric("streamcore.sessions.ended", "failed") == 1);
        Assert.Null(generation.Outcome);
        generation.Cancel(CancelledBy.Client);
        Assert.Equal(CancelledBy.Client, generation.Outcome?.CancelledBy);
        Assert.Equal(1, pool.Metric("streamcore.slots.freed", "Preempted"));
        generation.Dispose();
    }

    [Fact]
    public async Task A_member_that_is_deaf_keeps_its_place_but_not_the_client()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[1].SetCapacity(0);
        pool.Member.IsDeaf = true;
        pool.Member.Hold();
        var generation = pool.Submit("lost");
        await pool.PieceWaits();
        generation.Cancel(CancelledBy.Client);
        Assert.Equal(CancelledBy.Client, generation.Outcome?.CancelledBy);
        var next = pool.Submit("next");
        Assert.Equal((0, 1), (pool.Scheduler.Progress.Running, pool.Scheduler.Progress.Waiting));
        Assert.Equal(1, pool.Metric("streamcore.sessions.running", "m0"));

        pool.Members[1].SetCapacity(1); // the queue goes on elsewhere
        Assert.Equal("ok", await Harness.ReadAsync(next));
        Assert.Equal(["lost"], pool.Member.Started);

        pool.Member.Open();
        await Pool.Until(() => pool.Metric("streamcore.sessions.running", "m0") == 0);
        Assert.Empty(generation.AllText().ToArray()); // what came too late is for nobody
        generation.Dispose();
    }

    [Fact]
    public async Task A_member_that_does_not_come_back_from_disposing_does_not_hold_the_queue()
    {
        await using var pool = new Pool(members: 2);
        pool.Member.KeepPlaces();
        pool.Members[1].SetCapacity(0);
        pool.Member.Script = _ => [ScriptedSession.Piece("a.")];
        Assert.Equal("a", await Harness.ReadAsync(pool.Submit(Pool.Request("first") with { StopStrings = ["."] })));
        var next = pool.Submit("next");
        Assert.Null(next.Outcome);
        pool.Members[1].SetCapacity(1);
        Assert.Equal("ok", await Harness.ReadAsync(next));
        Assert.Equal(["first"], pool.Member.Started);
        Assert.Equal(1, pool.Member.Running);

        pool.Member.ReturnPlaces();
        pool.Members[1].SetCapacity(0);
        Assert.Equal("a", await Harness.ReadAsync(pool.Submit(Pool.Request("again") with { StopStrings = ["."] })));
    }

    [Fact]
    public async Task Disposing_a_generation_that_runs_cancels_it()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var generation = pool.Submit();
        await pool.PieceWaits();
        generation.Dispose();
        Assert.Equal(CancelledBy.Client, (await generation.Completion).CancelledBy);
        await Pool.Until(() => pool.Member.Running == 0);
    }

    [Fact]
    public async Task A_deadline_ends_what_waits()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var running = pool.Submit(Pool.Request() with { QueueTimeout = Second }); // which is over
        await pool.PieceWaits();
        var impatient = pool.Submit(Pool.Request() with { QueueTimeout = 5 * Second });
        Assert.Equal(CancelledBy.Deadline, (await pool.EndsAfter(5 * Second, impatient)).CancelledBy);
        var late = pool.Submit(Pool.Request() with { Timeout = 10 * Second });
        Assert.Equal(CancelledBy.Deadline, (await pool.EndsAfter(10 * Second, late)).CancelledBy);
        Assert.Null(running.Outcome);
        Assert.Equal(2, pool.Metric("streamcore.slots.freed", "Deadline"));
        pool.Member.Open();
        Assert.Equal("ok", await Harness.ReadAsync(running));
    }

    [Fact]
    public async Task A_deadline_ends_what_runs()
    {
        await using var pool = new Pool();
        pool.Member.Script = _ => ScriptedSession.Says("abc");
        pool.Member.Hold();
        var generation = pool.Submit(Pool.Request() with { Timeout = 10 * Second });
        await pool.PieceWaits();
        pool.Member.LetPiece();
        await pool.PieceWaits();
        Assert.Equal(CancelledBy.Deadline, (await pool.EndsAfter(10 * Second, generation)).CancelledBy);
        Assert.Equal("a", await Harness.ReadAsync(generation));
    }

    [Fact]
    public async Task A_drain_lets_everything_end_and_refuses_more()
    {
        await using var pool = new Pool();
        pool.Member.Script = _ => ScriptedSession.Says("abc");
        pool.Member.Hold();
        var running = pool.Submit();
        var queued = pool.Submit();
        await pool.PieceWaits();
        var stopped = pool.Scheduler.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request(), out _, out var refusal));
        Assert.Equal(RefusalReason.Stopping, refusal.Reason);
        pool.Member.Open();
        await stopped;
        Assert.Equal("abc", await Harness.ReadAsync(running));
        Assert.Equal("abc", await Harness.ReadAsync(queued));
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request(), out _, out refusal));
        Assert.Equal(RefusalReason.Stopping, refusal.Reason);
    }

    [Fact]
    public async Task An_abort_ends_everything_and_waits_for_the_places()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        pool.Member.KeepPlaces();
        var running = pool.Submit();
        var queued = pool.Submit();
        await pool.PieceWaits();
        var disposed = pool.Scheduler.DisposeAsync().AsTask();
        Assert.Equal(CancelledBy.Shutdown, (await running.Completion).CancelledBy);
        Assert.Equal(CancelledBy.Shutdown, (await queued.Completion).CancelledBy);
        Assert.False(disposed.IsCompleted);
        pool.Member.ReturnPlaces();
        await disposed;
        Assert.Equal(0, pool.Member.Running);
    }

    [Fact]
    public async Task An_abort_does_not_wait_for_ever_for_a_member_that_is_frozen()
    {
        await using var pool = new Pool(options: new SessionSchedulerOptions { ReleaseTimeout = 3 * Second }) { KeepsPlaces = true };
        pool.Member.IsDeaf = true;
        pool.Member.Hold();
        var running = pool.Submit();
        await pool.PieceWaits();
        var disposed = pool.Scheduler.DisposeAsync().AsTask();
        Assert.Equal(CancelledBy.Shutdown, (await running.Completion).CancelledBy);
        await Pool.Until(() => pool.Time.ActiveTimerCount > 0);
        pool.Time.Advance(2.9 * Second);
        Assert.False(disposed.IsCompleted);
        await Pool.Until(() =>
        {
            pool.Time.Advance(TimeSpan.FromMilliseconds(10));
            return disposed.IsCompleted;
        });
        Assert.Equal(1, pool.Member.Running);
        pool.Member.Open();
        await Pool.Until(() => pool.Member.Running == 0);
    }

    [Fact]
    public async Task Whatever_is_accepted_while_the_pool_stops_ends()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var pool = new Pool(members: 2, capacity: 3, new SessionSchedulerOptions { QueueCapacity = 1000 });
            var submitting = Enumerable.Range(0, 4).Select(async submitter =>
            {
                await Task.Yield();
                var accepted = 0;
                while (pool.Scheduler.TrySubmit(Pool.Request($"{submitter}"), out var generation, out _))
                {
                    accepted++;
                    if (accepted % 3 == 0) Assert.Equal("ok", await Harness.ReadAsync(generation));
                }

                return accepted;
            }).ToArray();
            await Pool.Until(() => pool.Metric("streamcore.generations.ended") > round);
            await pool.Scheduler.StopAsync(TestContext.Current.CancellationToken);
            Assert.Equal((await Task.WhenAll(submitting)).Sum(), pool.Metric("streamcore.generations.ended"));
        }
    }

    [Fact]
    public async Task A_member_that_breaks_its_promise_leaves_nobody_waiting()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var running = pool.Submit();
        await pool.PieceWaits();
        var asked = 0;
        pool.Member.Can = _ => asked++ == 0 ? true : throw new InvalidOperationException("asked too often");
        var waiting = pool.Submit();
        var fault = new EngineFault("The scheduler failed.", MayRetry: true);
        Assert.Equal(fault, (await waiting.Completion).Fault);
        Assert.Equal(fault, (await running.Completion).Fault);
        await pool.Scheduler.StopAsync(TestContext.Current.CancellationToken);
        pool.Member.Can = _ => true;
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request(), out _, out var refusal));
        Assert.Equal(RefusalReason.Stopping, refusal.Reason);
        Assert.False(pool.Scheduler.Progress.IsHealthy);
        pool.KeepsPlaces = true; // nobody counts them any more
        await Pool.Until(() => pool.Member.Running == 0);
    }

    [Fact]
    public async Task A_drain_becomes_an_abort_when_its_time_is_over()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var running = pool.Submit();
        await pool.PieceWaits();
        using var abort = new CancellationTokenSource();
        var stopped = pool.Scheduler.StopAsync(abort.Token);
        await abort.CancelAsync();
        await stopped;
        Assert.Equal(CancelledBy.Shutdown, running.Outcome?.CancelledBy);
    }
}
