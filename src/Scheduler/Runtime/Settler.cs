using StreamCore.Protocol;
using StreamCore.Scheduler.Planning;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.Scheduler;

/// <summary>After a step: draws the tokens, adds their text, shows it, and ends what is over.</summary>
internal sealed class Settler(IBatchEngine engine, ITokenizer tokenizer, Slots slots, Telemetry telemetry)
{
    private static readonly EngineFault NotNumbers = new("The model's output is not a number, or no token is allowed.", MayRetry: false);
    private static readonly EngineFault Unknown = new("The generation failed.", MayRetry: false);

    private readonly TokenSampler _sampler = new(engine.Limits.VocabularySize);

    /// <summary>Returns how many tokens were drawn.</summary>
    public int Settle(StepPlan plan)
    {
        var row = 0;
        foreach (var run in plan.Runs)
        {
            var slot = slots[run.Slot];
            slots.Advance(slot, run.TokenCount);
            if (run.LogitsCount > 0) Settle(slot, row);
            row += run.LogitsCount;
        }

        return row;
    }

    /// <summary>The step of these runs failed: their cache holds nothing that may be used.</summary>
    public void Fail(StepPlan plan, EngineFault fault)
    {
        foreach (var run in plan.Runs) slots.End(slots[run.Slot], Outcome.Failed(fault));
        slots.Distrust();
    }

    private void Settle(Slot slot, int row)
    {
        try
        {
            var logits = engine.Logits(row);
            var rules = slot.Generation.Request.LogitsRules;
            for (var i = 0; i < rules.Count; i++) rules[i].Apply(logits);
            if (!_sampler.TryDraw(logits, slot.Draw, slot.AnswerTokens, out var token)) throw new EngineException(NotNumbers);
            for (var i = 0; i < rules.Count; i++) rules[i].Accept(token);
            Take(slot, token);
        }
        catch (Exception exception)
        {
            // One generation's bad luck (its logits, its token's text) is not its neighbours'.
            var fault = (exception as EngineException)?.Fault ?? Unknown;
            telemetry.GenerationFailed(exception, slot.Generation, fault);
            slots.End(slot, Outcome.Failed(fault));
        }
    }

    private void Take(Slot slot, int token)
    {
        slot.Add(token);
        var generation = slot.Generation;
        if (slot.AnswerTokens == 1) telemetry.FirstToken(generation);

        if (IsStop(generation.Request, token)) slots.End(slot, Outcome.Finished(FinishReason.Stop), tokens: 1);
        else if (generation.Append(tokenizer.Bytes(token)))
            slots.End(slot, Outcome.Finished(FinishReason.Stop, generation.StopString), tokens: 1);
        else if (slot.AnswerTokens >= slot.MaxTokens) slots.End(slot, Outcome.Finished(FinishReason.Length), tokens: 1);
        else generation.Publish();
    }

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
