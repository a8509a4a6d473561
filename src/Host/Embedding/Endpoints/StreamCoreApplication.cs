using System.Buffers;
using Microsoft.Extensions.Logging;
using StreamCore.Protocol;
using StreamCore.Transport.Bodies;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Host.Endpoints;

/// <summary>What answers requests: finds the endpoint, and words what Transport refuses by itself.</summary>
internal sealed class StreamCoreApplication : IHttpApplication
{
    private readonly Admission _admission;
    private readonly Router _router;
    private readonly ILogger<StreamCoreApplication> _log;

    public StreamCoreApplication(
        Admission admission, ChatCompletions chat, Completions completions, Models models, Tokens tokens, Health health, ILogger<StreamCoreApplication> log)
    {
        _admission = admission;
        _log = log;
        _router = new Router()
            .Add("POST", "/chat/completions", chat.HandleAsync)
            .Add("POST", "/completions", completions.HandleAsync)
            .Add("GET", "/models", models.ListAsync)
            .Add("GET", "/models/", models.RetrieveAsync)
            .Add("POST", "/tokenize", tokens.TokenizeAsync)
            .Add("POST", "/detokenize", tokens.DetokenizeAsync)
            .Add("POST", "/apply-template", tokens.ApplyTemplateAsync)
            .Add("GET", "/health", Health.LiveAsync)
            .Add("GET", "/ready", health.ReadyAsync);
    }

    public async ValueTask HandleAsync(HttpExchange exchange)
    {
        try
        {
            if (await _admission.AdmitAsync(exchange)) await RouteAsync(exchange);
        }
        // A leaving client and a refused body are Transport's to answer.
        catch (Exception fault) when (fault is not HttpRejectedException && !exchange.HasStarted && !exchange.Aborted.IsCancellationRequested)
        {
            HostLog.RequestFailed(_log, exchange.RequestId, fault);
            await Answers.ErrorAsync(exchange, ApiError.Internal(exchange.RequestId));
        }
    }

    public bool IsExempt(RequestHead request) => _admission.IsExempt(request);

    public string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body)
    {
        _admission.AddTo(answer);
        ApiError.Http(answer.Status, answer.Message).Encode(body);
        return Answers.JsonType;
    }

    private ValueTask RouteAsync(HttpExchange exchange)
    {
        var request = exchange.Request;
        // OPTIONS of no resource: whether the server is there (RFC 9110 §9.3.7).
        if (request.Path == "*") return exchange.RespondAsync(204, null, default);
        if (_router.Find(request.Path) is not { } methods)
            return Answers.ErrorAsync(exchange, ApiError.UnknownUrl(request.Method, request.Path));
        if (methods.TryGetValue(request.Method == "HEAD" ? "GET" : request.Method, out var endpoint)) return endpoint(exchange);

        exchange.Headers.Add("Allow", string.Join(", ", methods.Keys.Append("OPTIONS").Concat(methods.ContainsKey("GET") ? ["HEAD"] : [])));
        return request.Method == "OPTIONS"
            ? exchange.RespondAsync(204, null, default)
            : Answers.ErrorAsync(exchange, ApiError.MethodNotAllowed(request.Method, request.Path));
    }
}
