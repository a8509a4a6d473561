using Microsoft.Extensions.Logging;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport;

/// <summary>What Transport logs; clients' mistakes at Debug. Events 100 to 199 are its own.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Debug, "Request {RequestId} refused: {Rejection}.")]
    public static partial void RequestRefused(ILogger log, string requestId, HttpRejection rejection);

    [LoggerMessage(101, LogLevel.Debug, "Connection refused: {Rejection}.")]
    public static partial void ConnectionRefused(ILogger log, HttpRejection rejection);

    [LoggerMessage(102, LogLevel.Debug, "Connection aborted: the client did not read its answer in time.")]
    public static partial void WriteTimedOut(ILogger log);

    [LoggerMessage(103, LogLevel.Debug, "Request {RequestId} given up: the client is gone.")]
    public static partial void RequestAborted(ILogger log, string requestId);

    [LoggerMessage(110, LogLevel.Error, "Request {RequestId} failed in the application.")]
    public static partial void ApplicationFailed(ILogger log, string requestId, Exception exception);

    [LoggerMessage(111, LogLevel.Error, "Request {RequestId} was left without a complete answer by the application.")]
    public static partial void AnswerMissing(ILogger log, string requestId);

    [LoggerMessage(112, LogLevel.Error, "A callback on the end of a connection failed.")]
    public static partial void AbortCallbackFailed(ILogger log, Exception exception);

    [LoggerMessage(113, LogLevel.Error, "A connection failed by a fault of ours.")]
    public static partial void ConnectionFailed(ILogger log, Exception exception);
}
