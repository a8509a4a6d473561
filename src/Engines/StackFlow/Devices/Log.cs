using Microsoft.Extensions.Logging;

namespace StreamCore.Engines.StackFlow.Devices;

internal static partial class Log
{
    [LoggerMessage(5101, LogLevel.Information, "{Device}: connected, {Models} models")]
    public static partial void Connected(ILogger logger, string device, int models);

    [LoggerMessage(5102, LogLevel.Warning, "{Device}: out of reach: {Fault}")]
    public static partial void Lost(ILogger logger, string device, string fault);

    [LoggerMessage(5103, LogLevel.Debug, "{Device}: still out of reach, next try in {Wait}: {Fault}")]
    public static partial void StillLost(ILogger logger, string device, TimeSpan wait, string fault);

    [LoggerMessage(5104, LogLevel.Information, "{Device}: task {WorkId} of {Model} set up in {Milliseconds} ms")]
    public static partial void SetUp(ILogger logger, string device, string workId, string model, long milliseconds);

    [LoggerMessage(5105, LogLevel.Warning, "{Device}: no task of {Model}: {Fault}")]
    public static partial void SetupFailed(ILogger logger, string device, string model, string fault);

    [LoggerMessage(5106, LogLevel.Information, "{Device}: idle task {WorkId} of {Model} makes room")]
    public static partial void Evicted(ILogger logger, string device, string workId, string model);

    [LoggerMessage(5107, LogLevel.Warning, "{Device}: task {WorkId} of {Model} is given up")]
    public static partial void GivenUp(ILogger logger, string device, string workId, string model);

    [LoggerMessage(5108, LogLevel.Information, "{Device}: leftover task {WorkId} ended")]
    public static partial void LeftoverEnded(ILogger logger, string device, string workId);

    [LoggerMessage(5109, LogLevel.Warning, "{Device}: leftover tasks stay for now: {Fault}")]
    public static partial void LeftoversStay(ILogger logger, string device, string fault);

    [LoggerMessage(5110, LogLevel.Warning, "The journal {Path} cannot be had, tasks left over by a crash will stay on the devices: {Fault}")]
    public static partial void NoJournal(ILogger logger, string path, string fault);

    [LoggerMessage(5111, LogLevel.Error, "{Device}: a loop broke")]
    public static partial void LoopBroke(ILogger logger, Exception exception, string device);
}
