using System.Runtime.ExceptionServices;
using StreamCore.Scheduler.Planning;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.Scheduler;

/// <summary>
/// Draws the next tokens of a step's rows. Rows that depend on nothing but their own sequence are drawn ahead by all of the engine's threads,
/// which have nothing else to do between two steps; the others, drafts and those that keep logprobs, when it is their turn.
/// </summary>
internal sealed class TokenDraws : IParallelWork
{
    /// <summary>A few rows take less than to wake a thread for them.</summary>
    private const int LeastRows = 4;

    private readonly IBatchEngine _engine;
    private readonly Slots _slots;
    private readonly Drawer[] _drawers;
    private readonly Ahead[] _ahead; // by row of logits
    private readonly int[] _rows; // those to draw ahead
    private int _rowCount, _taken;

    public TokenDraws(IBatchEngine engine, Slots slots)
    {
        _engine = engine;
        _slots = slots;
        _drawers = [.. Enumerable.Range(0, engine.WorkerCount).Select(_ => new Drawer(engine.Limits.VocabularySize))];
        _ahead = new Ahead[engine.Limits.MaxStepLogits];
        _rows = new int[engine.Limits.MaxStepLogits];
    }

    /// <summary>Draws what can be drawn before the step's rows are settled one after the other.</summary>
    public void DrawAhead(StepPlan plan, RaggedStep step)
    {
        Array.Clear(_ahead, 0, step.LogitsRows.Length);
        if (_drawers.Length == 1) return;
        (_rowCount, _taken) = (0, 0);
        var row = 0;
        foreach (var run in plan.Runs)
        {
            var slot = _slots[run.Slot];
            if (IsPlain(slot, run))
            {
                _ahead[row].Slot = slot;
                _rows[_rowCount++] = row;
            }

            row += run.LogitsCount;
        }

        if (_rowCount >= LeastRows) _engine.Share(this);
    }

    /// <summary>The next token of the slot, from a row of logits. False when the logits are no distribution.</summary>
    public bool TryDraw(Slot slot, int row, out int token)
    {
        ref var ahead = ref _ahead[row];
        if (!ahead.IsDrawn) return _drawers[0].TryDraw(slot, _engine.Logits(row), out token);
        ahead.Failure?.Throw();
        token = ahead.Token;
        return ahead.HasToken;
    }

    void IParallelWork.Work(int worker)
    {
        for (var at = Interlocked.Increment(ref _taken) - 1; at < _rowCount; at = Interlocked.Increment(ref _taken) - 1)
        {
            ref var ahead = ref _ahead[_rows[at]];
            try
            {
                ahead.HasToken = _drawers[worker].TryDraw(ahead.Slot!, _engine.Logits(_rows[at]), out ahead.Token);
            }
            catch (Exception exception)
            {
                ahead.Failure = ExceptionDispatchInfo.Capture(exception);
            }

            ahead.IsDrawn = true;
        }
    }

    /// <summary>A run of known tokens whose last row gives a token, and nothing else.</summary>
    private static bool IsPlain(Slot slot, PlannedRun run) =>
        run is { LogitsCount: 1, DraftCount: 0 } && slot is { IsOver: false, MaxTokens: > 0, Generation.Logprobs: null }
        && slot.Cached + run.TokenCount == slot.Tokens.Length;

    private struct Ahead
    {
        public Slot? Slot;
        public int Token;
        public bool HasToken, IsDrawn;
        public ExceptionDispatchInfo? Failure;
    }

    /// <summary>What one thread draws with.</summary>
    private sealed class Drawer(int vocabularySize)
    {
        private readonly LogitsAdjustments _adjustments = new(vocabularySize);
        private readonly TokenSampler _sampler = new(vocabularySize);

        public bool TryDraw(Slot slot, Span<float> logits, out int token)
        {
            var generation = slot.Generation;
            _adjustments.Apply(logits, slot.Tokens, generation.PromptTokens, generation.Request);
            var rules = generation.Request.LogitsRules;
            for (var i = 0; i < rules.Count; i++) rules[i].Apply(logits);
            return _sampler.TryDraw(logits, slot.Draw, slot.AnswerTokens, out token);
        }
    }
}
