using StreamCore.Transport.Bodies;
using StreamCore.Transport.Connections;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Exchange;

/// <summary>One request and its answer, which is given once: whole, as a stream, or as a rejection. Used by one caller at a time.</summary>
public sealed class HttpExchange
{
    private readonly HttpConnection _connection;
    private bool _mayKeepAlive;
    private BodyWriter? _stream;
    private bool _answered;

    internal HttpExchange(HttpConnection connection, RequestHead request, RequestFraming framing, RequestBody body)
    {
        _connection = connection;
        _mayKeepAlive = framing.KeepAlive;
        Request = request;
        Body = body;
        RequestId = RequestIds.Next();
    }

    public RequestHead Request { get; }

    public RequestBody Body { get; }

    public PeerInfo Peer => _connection.Peer;

    /// <summary>Sent as x-request-id with every answer.</summary>
    public string RequestId { get; }

    /// <summary>Header fields to be sent with the answer, an error's too; fixed once it has started.</summary>
    public ResponseHeaders Headers { get; } = new();

    /// <summary>
    /// Fires when nobody waits for the answer any more: the client closed its side, was too slow to read, or the connection
    /// was stopped. It belongs to the connection: dispose what is registered on it.
    /// </summary>
    public CancellationToken Aborted => _connection.Aborted;

    /// <summary>The head of the answer has been written: its status can no longer change.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>The answer is whole.</summary>
    internal bool IsComplete => _answered || _stream is { IsCompleted: true };

    /// <summary>The answer refuses the request, of which there may be more to come.</summary>
    internal bool IsRejected { get; private set; }

    /// <summary>Whether the answer promised to keep the connection.</summary>
    internal bool KeepsAlive { get; private set; }

    /// <summary>The answer, not yet started, shall be the last on this connection.</summary>
    public void CloseAfterAnswer() => _mayKeepAlive = false;

    /// <summary>Reads the whole body; pass a rejection on to <see cref="RejectAsync"/>.</summary>
    public ValueTask<BodyContent> ReadBodyAsync(int maxBytes) => Body.ReadAllAsync(maxBytes);

    /// <summary>Gives an answer of known length. To HEAD the length goes out without the body.</summary>
    public async ValueTask RespondAsync(int status, string? contentType, ReadOnlyMemory<byte> body)
    {
        Start(new(status, contentType, body.Length, RequestId, DecideFate(closesToEnd: false)), chunked: false);
        await SendAsync(status, body);
    }

    /// <summary>Gives an error in the application's words, then closes the connection.</summary>
    public ValueTask RejectAsync(HttpRejection rejection) => RefuseAsync(rejection, ConnectionFate.Close);

    /// <summary>Begins an answer of unknown length; nothing is sent before the first flush.</summary>
    public BodyWriter StartStream(int status, string contentType)
    {
        var framing = Request.Method == "HEAD" ? BodyFraming.None
            : Request.Version == ProtocolVersion.Http11 ? BodyFraming.Chunked
            : BodyFraming.UntilClose;
        var fate = DecideFate(closesToEnd: Request.Version == ProtocolVersion.Http10);
        Start(new(status, contentType, null, RequestId, fate), chunked: Request.Version == ProtocolVersion.Http11);
        return _stream = new(_connection.Output, framing);
    }

    /// <summary>Begins a stream of server-sent events.</summary>
    public SseWriter StartSse()
    {
        Headers.Add("Cache-Control", "no-cache");
        // nginx would otherwise collect events before passing them on.
        Headers.Add("X-Accel-Buffering", "no");
        return new(StartStream(200, "text/event-stream"));
    }

    /// <summary>Refuses a request that is right, but one too many. The connection is kept where it would be otherwise: a new one costs more than it saves.</summary>
    internal ValueTask TurnAwayAsync(HttpRejection rejection) => RefuseAsync(rejection, DecideFate(closesToEnd: false));

    private async ValueTask RefuseAsync(HttpRejection rejection, ConnectionFate fate)
    {
        IsRejected = true;
        var answer = new RejectionAnswer(rejection, Request, RequestId, Headers);
        var (contentType, body) = _connection.Describe(answer);
        Start(new(answer.Status, contentType, body.Length, RequestId, fate), chunked: false);
        await SendAsync(answer.Status, body);
    }

    private async ValueTask SendAsync(int status, ReadOnlyMemory<byte> body)
    {
        _answered = true;
        await _connection.Output.WriteAsync(Request.Method == "HEAD" || ResponseHead.HasNoBody(status) ? default : body);
    }

    private void Start(ResponseHead head, bool chunked)
    {
        if (HasStarted) throw new InvalidOperationException("The answer has already started.");
        HasStarted = true;
        KeepsAlive = head.Fate != ConnectionFate.Close;
        Body.ForgetContinue();
        _connection.WriteHead(head, Headers, chunked);
    }

    private ConnectionFate DecideFate(bool closesToEnd) =>
        closesToEnd || !_mayKeepAlive || !_connection.MayKeepAlive(Body) ? ConnectionFate.Close
        : Request.Version == ProtocolVersion.Http10 ? ConnectionFate.KeepAliveNamed
        : ConnectionFate.KeepAlive;
}
