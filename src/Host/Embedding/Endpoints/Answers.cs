using System.Buffers;
using System.Globalization;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary>The shapes every endpoint answers in: a JSON body, or an error as OpenAI words it.</summary>
internal static class Answers
{
    public const string JsonType = "application/json";

    /// <summary>Bytes of a JSON request body. 32 MiB holds any context length as text, with room for base64 images.</summary>
    private const int MaxJsonBytes = 32 * 1024 * 1024;

    /// <summary>Seconds after which a model may be loaded that was not in time: others hold its memory for that long at least.</summary>
    private const int RetryLater = 10;

    /// <summary>Gives a JSON body of known length.</summary>
    public static ValueTask JsonAsync(HttpExchange exchange, int status, Action<IBufferWriter<byte>> write)
    {
        var body = new ArrayBufferWriter<byte>(512);
        write(body);
        return exchange.RespondAsync(status, JsonType, body.WrittenMemory);
    }

    /// <summary>Gives an error and its status.</summary>
    public static ValueTask ErrorAsync(HttpExchange exchange, ApiError error)
    {
        if (error.RetryAfterSeconds is { } seconds) exchange.Headers.Add("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        return JsonAsync(exchange, error.Status, error.Encode);
    }

    /// <summary>Reads a JSON body; null when it was refused, and the refusal is answered.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadJsonAsync(HttpExchange exchange)
    {
        if (!IsJson(exchange.Request.Header("Content-Type")))
        {
            await ErrorAsync(exchange, ApiError.UnsupportedMediaType(exchange.Request.Header("Content-Type")));
            return null;
        }

        var body = await exchange.ReadBodyAsync(MaxJsonBytes);
        if (!body.IsRejected) return body.Bytes;
        await exchange.RejectAsync(body.Rejection);
        return null;
    }

    /// <summary>What to say of a generation that was not accepted.</summary>
    public static ApiError RefusalError(Refusal refusal, string model, Func<ApiError> neverFits) => refusal.Reason switch
    {
        RefusalReason.QueueFull => ApiError.QueueFull(Math.Max(1, (int)Math.Ceiling(refusal.RetryAfter.TotalSeconds))),
        RefusalReason.Stopping => ApiError.Draining(),
        RefusalReason.LoadFailed => ApiError.EngineFailed($"The model '{model}' could not be loaded; the server's log says why.", mayRetry: true),
        RefusalReason.CannotRun => ApiError.InvalidRequest(null,
            $"Nothing that runs the model '{model}' can do all that the request asks for.", "unsupported_value"),
        RefusalReason.LoadTimedOut => ApiError.Unavailable($"The model '{model}' was not loaded in time. Please try again later.", RetryLater),
        _ => neverFits(),
    };

    /// <summary>What to say of a generation that did not finish.</summary>
    public static ApiError OutcomeError(Outcome outcome) => outcome switch
    {
        { Fault: { } fault } => ApiError.EngineFailed(fault.Message, fault.MayRetry),
        { CancelledBy: CancelledBy.Deadline } => ApiError.TimedOut(),
        _ => ApiError.Draining(),
    };

    /// <summary>JSON by name, or no name: curl sends a form's type unless told otherwise, and means JSON here.</summary>
    private static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.IsEmpty
            || type.Equals(JsonType, StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/plain", StringComparison.OrdinalIgnoreCase);
    }
}
