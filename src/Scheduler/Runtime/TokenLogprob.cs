namespace StreamCore.Scheduler;

/// <summary>A token and the natural logarithm of its probability; not a number where there was nothing to foresee it from.</summary>
public readonly record struct TokenLogprob(int Token, float Logprob);
