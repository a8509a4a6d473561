using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

/// <summary>An engine instance in a pool, alone and beside a device.</summary>
public sealed class BatchSessionTests : IAsyncLifetime
{
    private readonly SchedulerMetrics _metrics = new();
    private readonly ScriptedEngine _engine = new();
    private BatchSession _batch = null!;

    public ValueTask InitializeAsync()
    {
        var scheduler = new GenerationScheduler(
            _engine, new ScriptedTokenizer(), new SchedulerOptions { MaxRunningSequences = 2, StepTokens = 8 }, _metrics, TimeProvider.System,
            NullLogger.Instance, "batch");
        _batch = new BatchSession(scheduler, _engine, "batch");
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Open();
        await _batch.DisposeAsync();
        Assert.Empty(_engine.Violations);
        _metrics.Dispose();
    }

    [Fact]
    public async Task It_runs_what_its_scheduler_runs_and_counts_its_tokens()
    {
        await using var pool = Mixed();
        _engine.Says("Hello, wörld 😀!");
        var generation = pool.Submit(Request());
        Assert.Equal("Hello, wörld 😀!", await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Stop, generation.Outcome?.FinishReason);
        Assert.Equal((4, Encoding.UTF8.GetByteCount("Hello, wörld 😀!") + 1, false), (generation.PromptTokens, generation.CompletionTokens, generation.IsEstimate));
        Assert.Equal(2, _batch.Capacity);
    }

    [Fact]
    public async Task Limits_and_stop_strings_hold()
    {
        await using var pool = Mixed();
        _engine.Says("abcdefgh");
        var limited = pool.Submit(Request(maxTokens: 3));
        Assert.Equal("abc", await Harness.ReadAsync(limited));
        Assert.Equal((FinishReason.Length, 3), (limited.Outcome!.FinishReason, limited.CompletionTokens));
        var stopped = pool.Submit(Request() with { StopStrings = ["de"] });
        Assert.Equal("abc", await Harness.ReadAsync(stopped));
        Assert.Equal("de", stopped.Outcome?.StopString);
        await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 0);
    }

    [Fact]
    public async Task It_runs_no_more_at_a_time_than_its_scheduler_does()
    {
        await using var pool = Mixed();
        _engine.Hold();
        var generations = Enumerable.Range(0, 5).Select(_ => pool.Submit(Request(maxTokens: 3) with { IgnoreEos = true })).ToArray();
        await _engine.StepWaits();
        await Pool.Until(() => pool.Scheduler.Progress.Running == 2);
        Assert.Equal(3, pool.Scheduler.Progress.Waiting);
        _engine.Open();
        foreach (var generation in generations)
        {
            await Harness.ReadAsync(generation);
            Assert.Equal(3, generation.CompletionTokens);
        }
    }

    [Fact]
    public async Task A_place_is_free_again_when_the_slot_is()
    {
        await using var pool = Mixed();
        _engine.Hold();
        var generation = pool.Submit(Request() with { IgnoreEos = true });
        await _engine.StepWaits();
        await Pool.Until(() => pool.Scheduler.Progress.Running == 1);
        generation.Cancel(CancelledBy.Client);
        Assert.Equal(CancelledBy.Client, generation.Outcome?.CancelledBy);
        Assert.Equal(1, pool.Metric("streamcore.sessions.running", "batch"));
        _engine.Open(); // the member is told after the client: a step may come between
        await Pool.Until(() => pool.Metric("streamcore.sessions.running", "batch") == 0);
        generation.Dispose();
    }

    [Fact]
    public async Task What_only_it_can_run_goes_to_it_alone()
    {
        var device = new ScriptedSession("device", capacity: 9) { Can = request => request is { Session: not null, LogitsRules.Count: 0 } };
        await using var pool = Mixed(device);
        _engine.Says("grammar");
        for (var i = 0; i < 4; i++)
            Assert.Equal("grammar", await Harness.ReadAsync(pool.Submit(Both() with { LogitsRules = [new AnyToken()] })));
        Assert.Empty(device.Started);
        Assert.Equal("ok", await Harness.ReadAsync(pool.Submit(Both() with { PromptTokens = [] })));
        Assert.Single(device.Started);
    }

    [Fact]
    public async Task Logprobs_are_refused_since_no_piece_can_carry_them()
    {
        await using var pool = Mixed();
        Assert.False(pool.Scheduler.TrySubmit(Request() with { TopLogprobs = 0 }, out _, out var refusal));
        Assert.Equal(RefusalReason.CannotRun, refusal.Reason);
        Assert.False(_batch.CanRun(Request() with { TopLogprobs = 0, ScoresPrompt = true }));
        Assert.False(_batch.CanRun(Pool.Request()));
        Assert.False(_batch.CanRun(Request() with { PromptTokens = new int[5000] })); // longer than the context
        Assert.True(_batch.CanRun(Request()));
    }

    [Fact]
    public async Task A_failed_step_goes_on_elsewhere_while_nothing_was_said()
    {
        var device = new ScriptedSession("device", capacity: 0);
        await using var pool = Mixed(device);
        var fault = new EngineFault("out of memory", MayRetry: true);
        _engine.Hold();
        _engine.FailWhen = _ => new EngineException(fault);
        var generation = pool.Submit(Both());
        await _engine.StepWaits();
        device.SetCapacity(1);
        _engine.Open();
        Assert.Equal("ok", await Harness.ReadAsync(generation));
        Assert.Equal(1, pool.Metric("streamcore.sessions.failovers", "batch"));
    }

    [Fact]
    public async Task A_rule_that_has_seen_tokens_is_not_used_again()
    {
        await using var pool = Mixed();
        var fault = new EngineFault("out of memory", MayRetry: true);
        _engine.Says([0xC3, 0xA4, 0xC3, 0xA4]); // two characters of two tokens each
        _engine.FailWhen = _ => _engine.StepCount == 2 ? new EngineException(fault) : null;
        var outcome = await pool.Submit(Request() with { LogitsRules = [new AnyToken()] }).Completion;
        Assert.Equal(fault with { MayRetry = false }, outcome.Fault);
        Assert.Equal(2, _engine.StepCount);
    }

    private Pool Mixed(ScriptedSession? device = null)
    {
        var pool = new Pool(members: 0);
        pool.Scheduler.Add(_batch);
        if (device is null) return pool;
        pool.Members.Add(device);
        pool.Scheduler.Add(device);
        return pool;
    }

    private static GenerationRequest Request(int maxTokens = 100) => new()
    {
        PromptTokens = new ScriptedTokenizer().Encode(Harness.Ask, special: true),
        Sampling = Harness.Greedy,
        MaxTokens = maxTokens,
        StopTokenIds = [ScriptedTokenizer.EndToken],
    };

    private static GenerationRequest Both() => Request() with { Session = Pool.Request().Session };

    private sealed class AnyToken : ILogitsRule
    {
        public void Apply(Span<float> logits) { }

        public void Accept(int token) { }
    }
}
