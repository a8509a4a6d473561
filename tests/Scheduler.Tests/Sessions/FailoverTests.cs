using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

public sealed class FailoverTests
{
    private static readonly EngineFault Gone = new("The connection was lost.", MayRetry: true);
    private static readonly EngineFault Refused = new("The device refused.", MayRetry: false);

    [Fact]
    public async Task Another_member_takes_over_while_nothing_was_said()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => ScriptedSession.Fails(Gone, ScriptedSession.Piece("", tokens: 5));
        pool.Members[1].Script = _ => ScriptedSession.Says("abc");
        var generation = pool.Submit();
        Assert.Equal("abc", await Harness.ReadAsync(generation));
        Assert.Equal(3, generation.CompletionTokens); // those of the first are nobody's
        Assert.Equal((1, 1), (pool.Members[0].Started.Count, pool.Members[1].Started.Count));
        Assert.Equal(1, pool.Metric("streamcore.sessions.failovers", "m0"));
        Assert.Equal(1, pool.Metric("streamcore.sessions.ended", "failed"));
        Assert.Equal(1, pool.Metric("streamcore.generations.ended"));
    }

    [Fact]
    public async Task Nobody_takes_over_after_text()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => ScriptedSession.Fails(Gone, ScriptedSession.Piece("ab"));
        var generation = pool.Submit();
        Assert.Equal("ab", await Harness.ReadAsync(generation));
        Assert.Equal(Gone, generation.Outcome?.Fault);
        Assert.Empty(pool.Members[1].Started);
        Assert.Equal(0, pool.Metric("streamcore.sessions.failovers"));
    }

    [Fact]
    public async Task Text_that_is_held_back_is_text()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => ScriptedSession.Fails(Gone, ScriptedSession.Piece("<EN"));
        var generation = pool.Submit(Pool.Request() with { StopStrings = ["<END>"] });
        Assert.Equal("<EN", await Harness.ReadAsync(generation));
        Assert.Equal(Gone, generation.Outcome?.Fault);
        Assert.Empty(pool.Members[1].Started);
    }

    [Fact]
    public async Task A_fault_that_may_not_be_retried_is_the_end()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => ScriptedSession.Fails(Refused);
        Assert.Equal(Refused, (await pool.Submit().Completion).Fault);
        Assert.Empty(pool.Members[1].Started);
    }

    [Fact]
    public async Task An_unknown_exception_is_a_fault_without_its_text()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => throw new InvalidOperationException("secret");
        Assert.Equal(new EngineFault("The engine failed.", MayRetry: false), (await pool.Submit().Completion).Fault);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_a_fault()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Script = _ => [ScriptedSession.Piece("ab")];
        var generation = pool.Submit();
        Assert.Equal("ab", await Harness.ReadAsync(generation));
        Assert.Equal(new EngineFault("The engine ended the answer without a reason.", MayRetry: true), generation.Outcome?.Fault);
        pool.Members[0].Script = _ => [];
        await Pool.Until(() => pool.Members[0].Running == 0);
        pool.Members[1].SetCapacity(0);
        var retried = pool.Submit();
        Assert.True((await retried.Completion).Fault?.MayRetry);
        Assert.Equal(3, pool.Members[0].Started.Count);
    }

    [Fact]
    public async Task The_only_member_is_asked_once_more()
    {
        await using var pool = new Pool();
        var asked = 0;
        pool.Member.Script = _ => ++asked == 1 ? ScriptedSession.Fails(Gone) : ScriptedSession.Says("abc");
        Assert.Equal("abc", await Harness.ReadAsync(pool.Submit()));
        pool.Member.Script = _ => ScriptedSession.Fails(Gone);
        Assert.Equal(Gone, (await pool.Submit().Completion).Fault);
        Assert.Equal(4, pool.Member.Started.Count);
    }

    [Fact]
    public async Task Each_member_is_asked_once_and_one_of_them_once_more()
    {
        await using var pool = new Pool(members: 3);
        foreach (var member in pool.Members) member.Script = _ => ScriptedSession.Fails(Gone);
        Assert.Equal(Gone, (await pool.Submit().Completion).Fault);
        Assert.Equal([1, 1, 2], pool.Members.Select(member => member.Started.Count).Order());
        Assert.Equal(3, pool.Metric("streamcore.sessions.failovers"));
    }

    [Fact]
    public async Task A_member_that_failed_and_comes_back_is_asked_again()
    {
        await using var pool = new Pool();
        pool.Member.Script = _ =>
        {
            pool.Member.SetCapacity(0);
            return ScriptedSession.Fails(Gone);
        };
        var generation = pool.Submit();
        await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 0 && pool.Member.Started.Count == 1);
        Assert.Null(generation.Outcome);
        pool.Member.Script = _ => ScriptedSession.Says("back");
        pool.Member.SetCapacity(1);
        Assert.Equal("back", await Harness.ReadAsync(generation));
    }

    [Fact]
    public async Task The_next_member_is_asked_while_the_one_that_failed_still_keeps_the_place()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[0].Hold();
        pool.Members[0].IsDeaf = true;
        await using var stuck = new StuckAtEnd();
        pool.Scheduler.Remove(pool.Members[0]);
        pool.Scheduler.Remove(pool.Members[1]);
        pool.Scheduler.Add(stuck);
        var generation = pool.Submit();
        await stuck.Failed;
        pool.Scheduler.Add(pool.Members[1]);
        Assert.Equal("ok", await Harness.ReadAsync(generation));
        Assert.Equal(1, pool.Metric("streamcore.sessions.running", "stuck"));
        stuck.Release();
        await Pool.Until(() => pool.Metric("streamcore.sessions.running", "stuck") == 0);
    }

    [Fact]
    public async Task A_place_whose_return_fails_is_free_all_the_same()
    {
        await using var pool = new Pool(members: 0);
        var stuck = new StuckAtEnd { Throws = true };
        pool.Scheduler.Add(stuck);
        stuck.Release();
        Assert.True((await pool.Submit().Completion).Fault?.MayRetry);
        await Pool.Until(() => pool.Metric("streamcore.sessions.running", "stuck") == 0);
    }

    [Fact]
    public async Task Who_waits_again_keeps_its_turn()
    {
        await using var pool = new Pool(members: 2);
        pool.Members[1].Hold();
        var fails = true;
        pool.Members[0].Hold();
        pool.Members[0].Script = request => fails ? ScriptedSession.Fails(Gone, ScriptedSession.Piece("", 0)) : ScriptedSession.Says("x");
        var first = pool.Submit("first");
        await pool.PieceWaits(0);
        var second = pool.Submit("second");
        await pool.PieceWaits(1);
        var third = pool.Submit("third");
        pool.Members[0].SetCapacity(0);
        pool.Members[0].LetPiece();
        await Pool.Until(() => pool.Metric("streamcore.sessions.ended", "failed") == 1);
        fails = false;
        pool.Members[1].Open();
        Assert.Equal("ok", await Harness.ReadAsync(first));
        Assert.Equal("ok", await Harness.ReadAsync(second));
        Assert.Equal("ok", await Harness.ReadAsync(third));
        Assert.Equal(["second", "first", "third"], pool.Members[1].Started);
    }

    /// <summary>Fails before any text, and does not come back from being disposed until it is let go.</summary>
    private sealed class StuckAtEnd : ISessionEngine, IAsyncEnumerable<SessionPiece>, IAsyncEnumerator<SessionPiece>
    {
        private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

        event Action? ISessionEngine.CapacityChanged
        {
            add { }
            remove { }
        }

        public string Name => "stuck";

        public int Capacity => 1;

        public bool Throws { get; init; }

        public Task Failed => _failed.Task;

        public SessionPiece Current => default;

        public bool CanRun(GenerationRequest request) => true;

        public IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, CancellationToken cancellation) => this;

        public IAsyncEnumerator<SessionPiece> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

        public ValueTask<bool> MoveNextAsync()
        {
            _failed.TrySetResult();
            throw new EngineException(Gone);
        }

        public void Release() => _release.TrySetResult();

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            await _release.Task;
            if (Throws) throw new InvalidOperationException("no");
        }
    }
}
