namespace StreamCore.StackFlowSimulator;

/// <summary>A task alive on a simulated device.</summary>
/// <param name="IsBusy">It generates, or has inferences waiting.</param>
public sealed record SimulatedTask(string WorkId, string Unit, string Model, bool IsBusy);

/// <summary>A generation that a simulated device has begun.</summary>
/// <param name="Seen">What the answer was made from, as in <see cref="SimulatedText"/>.</param>
/// <param name="Answer">The whole answer, whether or not it came to be said.</param>
public sealed record SimulatedGeneration(string WorkId, string Model, string Seen, string Answer);
