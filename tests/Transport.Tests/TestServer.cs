using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests;

/// <summary>A handler over in-memory connections, with an application given as a function. Rejections read <c>reason: message</c>.</summary>
internal sealed class TestServer : IHttpApplication
{
    private readonly Func<HttpExchange, ValueTask> _application;

    public TestServer(Func<HttpExchange, ValueTask> application, Action<TransportOptions>? configure = null)
    {
        _application = application;
        var options = new TransportOptions();
        configure?.Invoke(options);
        Handler = new(this, options, Time, Log);
    }

    public ManualTime Time { get; } = new();

    public HttpConnectionHandler Handler { get; }

    public RecordingLogger Log { get; } = new();

    public List<RejectionAnswer> Rejections { get; } = [];

    /// <summary>Answers with method, path and body, so that a test can see what was understood.</summary>
    public static async ValueTask EchoAsync(HttpExchange exchange)
    {
        var content = await exchange.ReadBodyAsync(1024 * 1024);
        if (content.IsRejected)
        {
            await exchange.RejectAsync(content.Rejection);
            return;
        }
        var text = $"{exchange.Request.Method} {exchange.Request.Path} {Encoding.Latin1.GetString(content.Bytes.Span)}";
        await exchange.RespondAsync(200, "text/plain", Encoding.Latin1.GetBytes(text));
    }

    public ServedConnection Connect(int unreadLimit = 1024 * 1024, PeerInfo peer = default, PipeScheduler? scheduler = null,
        CancellationToken stopping = default)
    {
        // Inline continuations must not be posted to the test runner's context instead.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return new ServedConnection(Handler, unreadLimit, peer, scheduler, stopping);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public ValueTask HandleAsync(HttpExchange exchange) => _application(exchange);

    public bool IsExempt(RequestHead request) => request.Path == "/exempt";

    public string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body)
    {
        lock (Rejections) Rejections.Add(answer);
        body.Write(Encoding.ASCII.GetBytes($"{answer.Rejection}: {answer.Message}"));
        return "text/plain";
    }
}
