using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

/// <summary>Who waits, for how long, and where they go.</summary>
public sealed class PlacingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_come_back()
    {
        await using var pool = new Pool(members: 2, options: new SessionSchedulerOptions { QueueCapacity = 1 });
        foreach (var member in pool.Members) member.Hold();
        Generation[] accepted = [pool.Submit("a"), pool.Submit("b"), pool.Submit("c")];
        await pool.PieceWaits(0);
        await pool.PieceWaits(1);
        pool.Time.Advance(7.5 * Second); // nothing has ended for so long
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request(), out var refused, out var refusal));
        Assert.Null(refused);
        Assert.Equal(new Refusal(RefusalReason.QueueFull, 8 * Second), refusal);
        Assert.Equal(1, pool.Metric("streamcore.generations.refused", "QueueFull"));
        Assert.Equal((2, 1), (pool.Scheduler.Progress.Running, pool.Scheduler.Progress.Waiting));
        foreach (var member in pool.Members) member.Open();
        foreach (var generation in accepted) Assert.Equal("ok", await Harness.ReadAsync(generation));
        await Harness.ReadAsync(pool.Submit());
    }

    [Fact]
    public async Task What_no_member_can_run_is_refused_at_once()
    {
        await using var pool = new Pool(members: 2);
        foreach (var member in pool.Members) member.Can = request => request.LogitsRules.Count == 0;
        pool.Members[1].SetCapacity(0);
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request() with { LogitsRules = [new NoRule()] }, out _, out var refusal));
        Assert.Equal(new Refusal(RefusalReason.CannotRun, TimeSpan.Zero), refusal);
        pool.Members[1].Can = _ => true; // out of reach, but it will be able to
        var generation = pool.Submit(Pool.Request() with { LogitsRules = [new NoRule()] });
        await Harness.ReadAsync(pool.Submit());
        Assert.Null(generation.Outcome);
        pool.Members[1].SetCapacity(1);
        Assert.Equal("ok", await Harness.ReadAsync(generation));
        Assert.Single(pool.Members[1].Started);
    }

    [Fact]
    public async Task Keys_take_turns_and_each_keys_own_come_in_order()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var running = pool.Submit("running");
        await pool.PieceWaits();
        Generation[] waiting =
        [
            Keyed("a1", "a"), Keyed("a2", "a"), Keyed("a3", "a"), Keyed("b1", "b"), Keyed("b2", "b"), Keyed("none1", null), Keyed("none2", null),
        ];
        pool.Member.Open();
        foreach (var generation in waiting.Prepend(running)) Assert.Equal("ok", await Harness.ReadAsync(generation));
        Assert.Equal(["running", "a1", "b1", "none1", "a2", "b2", "none2", "a3"], pool.Member.Started);

        Generation Keyed(string prompt, string? key) => pool.Submit(Pool.Request(prompt) with { FairnessKey = key });
    }

    [Fact]
    public async Task The_least_busy_member_for_its_capacity_is_next()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[1].SetCapacity(3);
        foreach (var member in pool.Members) member.Hold();
        var generations = new List<Generation>();
        for (var i = 0; i < 4; i++)
        {
            generations.Add(pool.Submit($"{i}"));
            await Pool.Until(() => pool.Members.Sum(member => member.Started.Count) == generations.Count);
        }

        Assert.Equal(["0"], pool.Members[0].Started);
        Assert.Equal(["1", "2", "3"], pool.Members[1].Started);
        foreach (var member in pool.Members) member.Open();
        foreach (var generation in generations) await Harness.ReadAsync(generation);
    }

    [Fact]
    public async Task Idle_members_are_used_in_turn()
    {
        await using var pool = new Pool(members: 3);
        for (var i = 0; i < 6; i++)
        {
            await Harness.ReadAsync(pool.Submit($"{i}"));
            await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 0);
        }

        Assert.Equal([["0", "3"], ["1", "4"], ["2", "5"]], pool.Members.Select(member => member.Started));
    }

    [Fact]
    public async Task A_capacity_that_grows_takes_who_waits_and_one_that_shrinks_takes_nobody()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var generations = Enumerable.Range(0, 5).Select(i => pool.Submit($"{i}")).ToArray();
        await pool.PieceWaits();
        pool.Member.SetCapacity(3);
        await pool.PieceWaits();
        await pool.PieceWaits();
        Assert.Equal((3, 2), (pool.Scheduler.Progress.Running, pool.Scheduler.Progress.Waiting));
        pool.Member.SetCapacity(1);
        pool.Member.LetPiece();
        pool.Member.LetPiece();
        await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 1);
        Assert.Equal(3, pool.Member.Started.Count);
        pool.Member.LetPiece();
        await pool.PieceWaits();
        Assert.Equal(4, pool.Member.Started.Count);
        pool.Member.Open();
        foreach (var generation in generations) Assert.Equal("ok", await Harness.ReadAsync(generation));
    }

    [Fact]
    public async Task Members_come_and_go()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var first = pool.Submit("first");
        await pool.PieceWaits();
        pool.Scheduler.Remove(pool.Member);
        pool.Scheduler.Remove(pool.Member);
        Assert.False(pool.Member.HasListeners);
        var second = pool.Submit("second");
        pool.Scheduler.Add(pool.Member); // back before its place is free: still one place
        pool.Scheduler.Add(pool.Member);
        var added = new ScriptedSession("added");
        pool.Members.Add(added);
        pool.Scheduler.Add(added);
        Assert.Equal("ok", await Harness.ReadAsync(second));
        Assert.Equal(["second"], added.Started);
        pool.Scheduler.Remove(added);
        pool.Member.Open();
        Assert.Equal("ok", await Harness.ReadAsync(first));
        Assert.Equal("ok", await Harness.ReadAsync(pool.Submit("third")));
        Assert.Equal(["first", "third"], pool.Member.Started);
    }

    [Fact]
    public async Task While_no_member_is_in_reach_generations_wait_so_long_and_then_fail()
    {
        await using var pool = new Pool(options: new SessionSchedulerOptions { UnreachableTimeout = 10 * Second });
        pool.Member.SetCapacity(0);
        var generation = pool.Submit();
        await Pool.Until(() => pool.Time.ActiveTimerCount > 0);
        pool.Time.Advance(9.9 * Second);
        Assert.Null(generation.Outcome);
        var outcome = await pool.EndsAfter(0.1 * Second, generation);
        Assert.Equal(new EngineFault("No engine that could run this was in reach for 10 seconds.", MayRetry: true), outcome.Fault);
        Assert.Equal(1, pool.Metric("streamcore.generations.ended", "Failed"));
    }

    [Fact]
    public async Task A_pool_without_members_waits_for_the_first()
    {
        await using var pool = new Pool(members: 0);
        var generation = pool.Submit();
        var member = new ScriptedSession("late");
        pool.Members.Add(member);
        pool.Scheduler.Add(member);
        Assert.Equal("ok", await Harness.ReadAsync(generation));
    }

    [Fact]
    public async Task The_wait_for_a_member_in_reach_begins_anew_when_one_was()
    {
        await using var pool = new Pool(options: new SessionSchedulerOptions { UnreachableTimeout = 10 * Second });
        pool.Member.Hold();
        var running = pool.Submit("running");
        await pool.PieceWaits();
        var waiting = pool.Submit("waiting");
        await Pool.Until(() => pool.Time.ActiveTimerCount == 0);
        pool.Time.Advance(60 * Second); // long, but for a place
        pool.Member.SetCapacity(0);
        await Pool.Until(() => pool.Time.ActiveTimerCount > 0);
        pool.Time.Advance(9 * Second);
        pool.Member.SetCapacity(1);
        pool.Member.SetCapacity(0);
        Assert.Null(waiting.Outcome);
        pool.Member.SetCapacity(1);
        pool.Member.Open();
        Assert.Equal("ok", await Harness.ReadAsync(waiting));
        Assert.Equal("ok", await Harness.ReadAsync(running));
    }

    [Fact]
    public void Options_that_cannot_be_meant_are_told()
    {
        Assert.Empty(new SessionSchedulerOptions().Faults());
        Assert.Equal(["UnreachableTimeout must not be negative."], new SessionSchedulerOptions { UnreachableTimeout = -Second }.Faults());
    }

    private sealed class NoRule : ILogitsRule
    {
        public void Apply(Span<float> logits) { }

        public void Accept(int token) { }
    }
}
