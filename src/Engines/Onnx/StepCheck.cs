using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx;

/// <summary>What the native side would not notice: a wrong number in a step reads or writes memory that is not the step's.</summary>
internal static class StepCheck
{
    /// <exception cref="EngineException">The step breaks a limit.</exception>
    public static void Check(RaggedStep step, BatchEngineLimits limits)
    {
        if (Fault(step, limits) is { } fault) throw new EngineException(new EngineFault($"The step cannot be run: {fault}.", MayRetry: false));
    }

    private static string? Fault(RaggedStep step, BatchEngineLimits limits)
    {
        if (step.Tokens.Length == 0) return "it has no tokens";
        if (step.Tokens.Length > limits.MaxStepTokens) return $"{step.Tokens.Length} tokens, {limits.MaxStepTokens} are the limit";
        if (step.LogitsRows.Length > limits.MaxStepLogits) return $"{step.LogitsRows.Length} rows of logits, {limits.MaxStepLogits} are the limit";
        foreach (var token in step.Tokens)
            if ((uint)token >= (uint)limits.VocabularySize) return $"token {token} is not in the vocabulary";
        foreach (var block in step.Blocks)
            if ((uint)block >= (uint)limits.BlockCount) return $"block {block} is not in the cache";
        foreach (var run in step.Runs)
        {
            var length = (long)run.Position + run.TokenCount;
            if (run.Position < 0 || length > limits.MaxContextTokens) return $"a sequence of {length} tokens, {limits.MaxContextTokens} are the limit";
            if (length > (long)run.BlockCount * limits.BlockTokens) return $"{run.BlockCount} blocks for a sequence of {length} tokens";
        }
        return null;
    }
}
