using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using StreamCore.Transport.Bodies;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Sockets;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Connections;

/// <summary>
/// One connection from its first byte to its last: read a head, let the application answer, finish the body, again or close.
/// <code>
///           ┌────────────────── keep alive ──────────────────┐
///           ▼                                                │
/// Idle ─byte─▶ Head ─complete─▶ Answering ─answered─▶ Discarding the rest of the body
///   │            │                  │                        │ too much
///   │ end, late, │ refused          │ rejected, client asks  ▼
///   │ draining   └────────────────▶ └── to close ────────▶ Lingering ─▶ closed
///   └─────────────────────────────────────────────────────────────────▶ closed
/// Anywhere: client gone, late in reading, stopped ─▶ Aborted fires ─▶ closed
/// </code>
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly ConnectionServices _services;
    private readonly ConnectionInput _input;
    private readonly HeadReader _heads;
    private readonly Action _abortTransport;
    private readonly CancellationTokenSource _aborted = new();
    private volatile bool _draining;
    private volatile bool _cutOff;

    /// <summary>Serves a pipe; <paramref name="abortTransport"/> cuts what lies below it, if anything does.</summary>
    public HttpConnection(IDuplexPipe pipe, PeerInfo peer, ConnectionServices services, Action abortTransport)
    {
        var options = services.Options;
        _services = services;
        _abortTransport = abortTransport;
        Peer = peer;
        _input = new(pipe.Input, new(options), services.Time, OnGone);
        _heads = new(_input, options, services.Time);
        Output = new(pipe.Output, options.WriteTimeout, services.Time, OnGone, OnLateReader);
    }

    public PeerInfo Peer { get; }

    public ConnectionOutput Output { get; }

    public CancellationToken Aborted => _aborted.Token;

    /// <summary>Serves requests until the connection ends, and completes the pipe. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await ServeOneAsync())
            {
            }
        }
        catch (Exception e)
        {
            Log.ConnectionFailed(_services.Log, e);
            Abort();
        }
        await _input.CompleteAsync();
        await Output.CompleteAsync(_cutOff ? new ConnectionAbortedException("The answer was cut off.") : null);
    }

    /// <summary>Answers with one refusal instead of serving, and completes the pipe.</summary>
    /// <param name="lingers">Whether to wait for the client to have read it.</param>
    public async Task TurnAwayAsync(HttpRejection rejection, bool lingers)
    {
        Log.ConnectionRefused(_services.Log, rejection);
        await RefuseAsync(rejection, null);
        if (lingers) await _heads.LingerAsync();
        await _input.CompleteAsync();
        await Output.CompleteAsync(null);
    }

    /// <summary>Ends the connection after the answer in hand, or at once if there is none.</summary>
    public void Drain()
    {
        _draining = true;
        _heads.Drain();
        _input.Wake();
    }

    /// <summary>Ends the connection now, so that what was sent of an answer cannot be taken for whole.</summary>
    public void Abort()
    {
        _cutOff = true;
        OnGone();
        _input.Stop();
        Output.Stop();
        _abortTransport();
    }

    /// <summary>Nobody waits for the answer any more. May be told more than once.</summary>
    public void OnGone()
    {
        try
        {
            _aborted.Cancel();
        }
        catch (AggregateException e)
        {
            Log.AbortCallbackFailed(_services.Log, e);
        }
    }

    public bool MayKeepAlive(RequestBody body) =>
        !_draining && !_aborted.IsCancellationRequested && body.CanBeDiscarded(_services.Options.MaxDiscardedBodyBytes);

    public void WriteHead(ResponseHead head, ResponseHeaders headers, bool chunked) =>
        head.Write(Output, _services.Date.Line, headers, chunked);

    public (string ContentType, ReadOnlyMemory<byte> Body) Describe(RejectionAnswer answer)
    {
        Log.RequestRefused(_services.Log, answer.RequestId, answer.Rejection);
        var body = new ArrayBufferWriter<byte>();
        var contentType = _services.Application.DescribeRejection(answer, body);
        return (contentType, body.WrittenMemory);
    }

    public void Dispose()
    {
        _input.Dispose();
        Output.Dispose();
    }

    /// <summary>One round of the loop; false when it was the last.</summary>
    private async ValueTask<bool> ServeOneAsync()
    {
        // 1. Read the head, and what it says about the message.
        var (head, rejection) = await _heads.ReadAsync();
        var framing = default(RequestFraming);
        if (head is not null) rejection = RequestFraming.TryRead(head, out framing);
        if (rejection != HttpRejection.None)
        {
            await RefuseAsync(rejection, head);
            await _heads.LingerAsync();
            return false;
        }
        if (head is null) return false;

        // 2. Let the application answer: what has no body is small, anything else may take long.
        if (framing.HasBody) await IoThreads.LeaveAsync();
        var body = new RequestBody(_input, Output, framing, _services.Options, _services.Time);
        var exchange = new HttpExchange(this, head, framing, body);
        if (_services.InFlight.TryEnter(head)) await AnswerAsync(exchange, framing);
        else await exchange.TurnAwayAsync(HttpRejection.TooManyRequests);

        // 3. Finish the body, then again or close.
        body.Release();
        if (_aborted.IsCancellationRequested) return false;
        var whole = exchange.KeepsAlive && (body.IsEnded || await body.DiscardAsync(_services.Options.MaxDiscardedBodyBytes));
        if (whole) return true;
        if (!body.IsEnded || exchange.IsRejected || _input.HasUnread()) await _heads.LingerAsync();
        return false;
    }

    private async ValueTask AnswerAsync(HttpExchange exchange, RequestFraming framing)
    {
        try
        {
            var answering = ExchangeRunner.RunAsync(_services, this, exchange);
            // Else the body's end begins it. An answer given at once needs none.
            if (!framing.HasBody && !answering.IsCompleted) _input.Watch();
            await answering;
        }
        finally
        {
            _services.InFlight.Leave();
        }
    }

    private async ValueTask RefuseAsync(HttpRejection rejection, RequestHead? request)
    {
        var headers = new ResponseHeaders();
        var answer = new RejectionAnswer(rejection, request, RequestIds.Next(), headers);
        var (contentType, body) = Describe(answer);
        WriteHead(new(answer.Status, contentType, body.Length, answer.RequestId, ConnectionFate.Close), headers, chunked: false);
        await Output.WriteAsync(request?.Method == "HEAD" ? default : body);
    }

    private void OnLateReader()
    {
        Log.WriteTimedOut(_services.Log);
        Abort();
    }
}
