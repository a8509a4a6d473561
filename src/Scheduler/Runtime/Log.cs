using Microsoft.Extensions.Logging;

namespace StreamCore.Scheduler;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "{Instance}: slot freed: generation {Generation} cancelled by {By} in {Phase} after {Tokens} tokens")]
    public static partial void SlotFreed(
        ILogger logger, string instance, long generation, CancelledBy by, SlotPhase phase, int tokens);

    [LoggerMessage(3002, LogLevel.Debug, "{Instance}: generation {Generation} preempted after {Tokens} tokens, {FreeBlocks} blocks free")]
    public static partial void Preempted(ILogger logger, string instance, long generation, int tokens, int freeBlocks);

    [LoggerMessage(3003, LogLevel.Error, "{Instance}: step failed, {Generations} generations end with it: {Fault}")]
    public static partial void StepFailed(ILogger logger, Exception exception, string instance, int generations, string fault);

    [LoggerMessage(3004, LogLevel.Error, "{Instance}: generation {Generation} failed: {Fault}")]
    public static partial void GenerationFailed(ILogger logger, Exception exception, string instance, long generation, string fault);

    [LoggerMessage(3005, LogLevel.Critical, "{Instance}: unhealthy, {FailedSteps} steps failed one after the other")]
    public static partial void Unhealthy(ILogger logger, string instance, int failedSteps);

    [LoggerMessage(3006, LogLevel.Information, "{Instance}: healthy again")]
    public static partial void Recovered(ILogger logger, string instance);

    [LoggerMessage(3007, LogLevel.Critical, "{Instance}: the step loop broke and takes no more work")]
    public static partial void LoopBroke(ILogger logger, Exception exception, string instance);

    [LoggerMessage(3008, LogLevel.Debug, "{Instance}: generation {Generation} refused: {Reason}, retry after {RetryAfter}")]
    public static partial void Refused(ILogger logger, string instance, long generation, RefusalReason reason, TimeSpan retryAfter);

    [LoggerMessage(3009, LogLevel.Information, "{Instance}: stopping, {Generations} generations to go")]
    public static partial void Stopping(ILogger logger, string instance, int generations);

    [LoggerMessage(3010, LogLevel.Information, "Model {Model}: unloaded in {Milliseconds} ms")]
    public static partial void Unloaded(ILogger logger, string model, long milliseconds);

    [LoggerMessage(3011, LogLevel.Error, "Model {Model}: failed while it was unloaded")]
    public static partial void UnloadFailed(ILogger logger, Exception exception, string model);

    [LoggerMessage(3012, LogLevel.Warning, "{Instance}: {Member} failed at generation {Generation}, which another may run: {Fault}")]
    public static partial void MemberFailed(ILogger logger, Exception exception, string instance, string member, long generation, string fault);

    [LoggerMessage(3013, LogLevel.Error, "{Instance}: {Member} failed when generation {Generation} gave its place back")]
    public static partial void ReleaseFailed(ILogger logger, Exception exception, string instance, string member, long generation);

    [LoggerMessage(3014, LogLevel.Warning, "{Instance}: stopped though {Places} places were not given back")]
    public static partial void PlacesKept(ILogger logger, string instance, int places);

    [LoggerMessage(3015, LogLevel.Information, "{Instance}: {Member} joined the pool")]
    public static partial void MemberJoined(ILogger logger, string instance, string member);

    [LoggerMessage(3016, LogLevel.Information, "{Instance}: {Member} left the pool")]
    public static partial void MemberLeft(ILogger logger, string instance, string member);
}
