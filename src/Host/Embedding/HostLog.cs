using Microsoft.Extensions.Logging;

namespace StreamCore.Host;

/// <summary>Log events of the host, numbered from 4000.</summary>
internal static partial class HostLog
{
    [LoggerMessage(4000, LogLevel.Information, "Listening on {Address}")]
    public static partial void Listening(ILogger log, string address);

    [LoggerMessage(4001, LogLevel.Information, "Not listening on {Address}: this machine has no such address")]
    public static partial void AddressSkipped(ILogger log, string address);

    [LoggerMessage(4002, LogLevel.Information, "Model {Model}: importing {Source} as {Weights} (once; kept in {Target})")]
    public static partial void Importing(ILogger log, string model, string source, string weights, string target);

    [LoggerMessage(4003, LogLevel.Information, "Model {Model}: importing, {Percent} %")]
    public static partial void ImportProgress(ILogger log, string model, int percent);

    [LoggerMessage(4004, LogLevel.Information, "Model {Model}: loaded in {Milliseconds} ms, {Weights} weights, context {Context} tokens; takes up to {Memory} ({Now} so far)")]
    public static partial void ModelReady(
        ILogger log, string model, long milliseconds, string weights, int context, string memory, string now);

    [LoggerMessage(4007, LogLevel.Warning, "Anybody who reaches {Addresses} can use this server: it asks for no key (server.allowAnonymous)")]
    public static partial void OpenToAll(ILogger log, string addresses);

    [LoggerMessage(4005, LogLevel.Error, "Request {RequestId} failed")]
    public static partial void RequestFailed(ILogger log, string requestId, Exception fault);

    [LoggerMessage(4006, LogLevel.Error, "Request {RequestId}: generation failed: {Fault}")]
    public static partial void GenerationFailed(ILogger log, string requestId, string fault);

    [LoggerMessage(4009, LogLevel.Information, "Devices serve {Models}")]
    public static partial void DevicesReady(ILogger log, string models);

    [LoggerMessage(4010, LogLevel.Warning, "None of the {Count} devices can be used yet: their models are served when they come")]
    public static partial void NoDeviceReached(ILogger log, int count);

    [LoggerMessage(4008, LogLevel.Error, "Request {RequestId}: model {Model} could not be loaded")]
    public static partial void LoadFailed(ILogger log, string requestId, string model, Exception fault);
}
