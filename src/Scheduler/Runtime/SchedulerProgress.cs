namespace StreamCore.Scheduler;

/// <summary>Where a scheduler stands: for readiness, for a watchdog, and for choosing the least busy instance.</summary>
/// <param name="Running">Generations that hold cache blocks, or a place in a pool.</param>
/// <param name="Waiting">Accepted generations that do not.</param>
/// <param name="Steps">Steps run so far, failed ones included; of a pool, pieces of text.</param>
/// <param name="SinceProgress">Time since the last step ended, or since work arrived; zero while there is none.</param>
/// <param name="LastStepAt">When the last step ended; null before the first.</param>
/// <param name="IsHealthy">False after several failed steps in a row, until one succeeds, and after the loop has broken; of a pool, while no member is in reach.</param>
/// <param name="FreeBlocks">Cache blocks that can be taken; of a pool, places.</param>
public readonly record struct SchedulerProgress(
    int Running, int Waiting, long Steps, TimeSpan SinceProgress, DateTimeOffset? LastStepAt, bool IsHealthy, int FreeBlocks);
