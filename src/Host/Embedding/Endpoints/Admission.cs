using StreamCore.Host.Hosting;
using StreamCore.Host.Security;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Host.Endpoints;

/// <summary>What every request passes before its endpoint.</summary>
internal sealed class Admission(Cors cors, ApiKeys keys, Readiness readiness)
{
    /// <summary>False when the request has been answered here.</summary>
    public async ValueTask<bool> AdmitAsync(HttpExchange exchange)
    {
        // 1. Browsers ask beforehand, and cannot send a key with the question.
        var request = exchange.Request;
        cors.AddTo(exchange.Headers, request);
        if (cors.IsPreflight(request))
        {
            Cors.AddPreflightTo(exchange.Headers, request);
            await exchange.RespondAsync(204, null, default);
            return false;
        }

        if (Health.IsProbe(request.Path)) return true;

        // 2. A stopping server takes nothing new. The next try shall go through the balancer again, not over this connection.
        if (readiness.IsDraining)
        {
            exchange.CloseAfterAnswer();
            await Answers.ErrorAsync(exchange, ApiError.Draining());
            return false;
        }

        // 3. The key.
        if (keys.Refuse(request) is not { } error) return true;
        exchange.Headers.Add("WWW-Authenticate", "Bearer");
        await Answers.ErrorAsync(exchange, error);
        return false;
    }

    /// <summary>A busy server still answers its orchestrator, and a browser that could otherwise not see why it was refused.</summary>
    public bool IsExempt(RequestHead request) => Health.IsProbe(request.Path) || cors.IsPreflight(request);

    /// <summary>What an answer of Transport's own needs of this; its request may never have come here.</summary>
    public void AddTo(RejectionAnswer answer) => cors.AddTo(answer.Headers, answer.Request);
}
