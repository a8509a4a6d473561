using StreamCore.Transport.Bodies;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Connections;

/// <summary>Calls the application, and is the one place that knows what becomes of an answer when that goes wrong.</summary>
internal static class ExchangeRunner
{
    public static async ValueTask RunAsync(ConnectionServices services, HttpConnection connection, HttpExchange exchange)
    {
        HttpRejection rejection;
        try
        {
            await services.Application.HandleAsync(exchange);
            if (exchange.IsComplete) return;
            if (exchange.Aborted.IsCancellationRequested)
            {
                GiveUp(services, connection, exchange);
                return;
            }
            Log.AnswerMissing(services.Log, exchange.RequestId);
            rejection = HttpRejection.ApplicationGaveNoAnswer;
        }
        catch (HttpRejectedException e)
        {
            rejection = e.Rejection;
        }
        catch (Exception) when (exchange.Aborted.IsCancellationRequested)
        {
            // Whatever it was, it came of the client's leaving and nobody is there to be told.
            GiveUp(services, connection, exchange);
            return;
        }
        catch (Exception e)
        {
            Log.ApplicationFailed(services.Log, exchange.RequestId, e);
            rejection = HttpRejection.ApplicationFailed;
        }

        if (exchange.HasStarted) connection.Abort();
        else await exchange.RejectAsync(rejection);
    }

    private static void GiveUp(ConnectionServices services, HttpConnection connection, HttpExchange exchange)
    {
        Log.RequestAborted(services.Log, exchange.RequestId);
        connection.Abort();
    }
}
