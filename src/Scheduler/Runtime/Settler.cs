using StreamCore.Protocol;
using StreamCore.Scheduler.Planning;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.Scheduler;

/// <summary>After a step: draws the tokens, adds their text, shows it, and ends what is over.</summary>
internal sealed class Settler(IBatchEngine engine, ITokenizer tokenizer, Slots slots, Telemetry telemetry)
{
    private static readonly EngineFault NotNumbers = new("The model's output is not a number, or no token is allowed.", MayRetry: false);
    private static readonly EngineFault Unknown = new("The generation failed.", MayRetry: false);

    private readonly Scorer _scorer = new(engine.Limits.VocabularySize);
    private readonly TokenDraws _draws = new(engine, slots);

    public SettledTokens Settle(StepPlan plan, RaggedStep step)
    {
        var row = 0;
        var tokens = default(SettledTokens);
        _draws.DrawAhead(plan, step);
        foreach (var run in plan.Runs)
        {
            var slot = slots[run.Slot];
            var end = slot.Cached + run.TokenCount;
            var accepted = 0;
            slots.Advance(slot, run.TokenCount - run.DraftCount);
            for (var back = run.LogitsCount; back > 0; back--, row++)
            {
                var isDraft = back <= run.DraftCount;
                if (slot.IsOver || (isDraft && !TryAccept(slot, end - back, step.Tokens[step.LogitsRows[row]]))) continue;
                if (isDraft) accepted++;
                if (TrySettle(slot, end - back, row)) tokens.Drawn++;
            }

            if (run.DraftCount > 0 && !slot.IsOver) slots.Verified(slot, run.DraftCount, accepted);
            tokens.Drafted += run.DraftCount;
            tokens.Accepted += accepted;
        }

        return tokens;
    }

    /// <summary>The step of these runs failed: their cache holds nothing that may be used.</summary>
    public void Fail(StepPlan plan, EngineFault fault)
    {
        foreach (var run in plan.Runs) slots.End(slots[run.Slot], Outcome.Failed(fault));
        slots.Distrust();
    }

    /// <summary>A draft is the sequence's when it was drawn in its place; what comes after another is of another text.</summary>
    private bool TryAccept(Slot slot, int position, int draft)
    {
        if (position >= slot.Tokens.Length || slot.Tokens[position] != draft) return false;
        slots.Advance(slot, 1);
        return true;
    }

    /// <summary>True when a token was drawn from the row, which is of the token at <paramref name="position"/>.</summary>
    private bool TrySettle(Slot slot, int position, int row)
    {
        try
        {
            var logits = engine.Logits(row);
            if (position + 1 < slot.Tokens.Length) Score(slot, position + 1, logits);
            else if (slot.MaxTokens == 0) slots.End(slot, Outcome.Finished(FinishReason.Length));
            else return Draw(slot, row, logits);
        }
        catch (Exception exception)
        {
            // One generation's bad luck (its logits, its token's text) is not its neighbours'.
            var fault = (exception as EngineException)?.Fault ?? Unknown;
            telemetry.GenerationFailed(exception, slot.Generation, fault);
            slots.End(slot, Outcome.Failed(fault));
        }

        return false;
    }

    private void Score(Slot slot, int position, ReadOnlySpan<float> logits)
    {
        if (!_scorer.TryTake(logits)) throw new EngineException(NotNumbers);
        _scorer.Add(slot.Generation.OwnPromptLogprobs!, slot.Tokens[position], textStart: 0);
    }

    private bool Draw(Slot slot, int row, Span<float> logits)
    {
        var generation = slot.Generation;
        if (generation.Logprobs is not null && !_scorer.TryTake(logits)) throw new EngineException(NotNumbers);
        if (!_draws.TryDraw(slot, row, out var token)) throw new EngineException(NotNumbers);
        var rules = generation.Request.LogitsRules;
        for (var i = 0; i < rules.Count; i++) rules[i].Accept(token);
        Take(slot, token);
        return true;
    }

    private void Take(Slot slot, int token)
    {
        slot.Add(token);
        var generation = slot.Generation;
        generation.HasPrompt = true;
        if (slot.AnswerTokens == 1) telemetry.FirstToken(generation);

        var isStop = IsStop(generation.Request, token);
        if (generation.Logprobs is { } logprobs) _scorer.Add(logprobs, token, generation.TextLength, isTold: !isStop);
        if (isStop) slots.End(slot, Outcome.Finished(FinishReason.Stop), tokens: 1);
        else if (generation.Append(TextOf(generation.Request, token)))
            slots.End(slot, Outcome.Finished(FinishReason.Stop, generation.StopString), tokens: 1);
        else if (slot.AnswerTokens >= slot.MaxTokens) slots.End(slot, Outcome.Finished(FinishReason.Length), tokens: 1);
        else generation.Publish();
    }

    private ReadOnlySpan<byte> TextOf(GenerationRequest request, int token) =>
        request.Sampling.ShowsSpecialTokens ? tokenizer.Spelling(token) : tokenizer.Bytes(token);

    private static bool IsStop(GenerationRequest request, int token)
    {
        if (request.IgnoreEos) return false;
        for (var i = 0; i < request.StopTokenIds.Count; i++)
        {
            if (request.StopTokenIds[i] == token) return true;
        }

        return false;
    }
}
