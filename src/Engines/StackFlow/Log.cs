using Microsoft.Extensions.Logging;

namespace StreamCore.Engines.StackFlow;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Debug, "{Device}: dropped a reply of {WorkId} to {RequestId} with code {Code}: nobody waits for it")]
    public static partial void Dropped(ILogger logger, string device, string workId, string requestId, int code);

    [LoggerMessage(5002, LogLevel.Warning, "{Device}: {WorkId} did not answer an inference, which is tried again")]
    public static partial void TriedAgain(ILogger logger, string device, string workId);

    [LoggerMessage(5003, LogLevel.Debug, "{Device}: {WorkId} ended, confirmed by the device: {Confirmed}")]
    public static partial void Exited(ILogger logger, string device, string workId, bool confirmed);

    [LoggerMessage(5004, LogLevel.Information, "{Device}: a task of {Model} that came too late was ended: {WorkId}")]
    public static partial void LateTaskEnded(ILogger logger, string device, string model, string workId);
}
