using StreamCore.Host.Hosting;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary>What every request passes before its endpoint.</summary>
internal sealed class Admission(Readiness readiness)
{
    /// <summary>False when the request has been answered here.</summary>
    public async ValueTask<bool> AdmitAsync(HttpExchange exchange)
    {
        if (Health.IsProbe(exchange.Request.Path)) return true;
        if (readiness.IsDraining)
        {
            // The next try shall go through the balancer again, not over this connection.
            exchange.CloseAfterAnswer();
            await Answers.ErrorAsync(exchange, ApiError.Draining());
            return false;
        }

        return true;
    }
}
