using System.Buffers;
using StreamCore.Transport.Connections;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Sockets;
using StreamCore.Transport.Timing;

namespace StreamCore.Transport.Bodies;

/// <summary>The body of a request, read piece by piece or whole; one reader at a time. A read ends when the connection does.</summary>
public sealed class RequestBody
{
    private const int FirstBufferBytes = 64 * 1024;

    private readonly ConnectionInput _input;
    private readonly ConnectionOutput _output;
    private readonly TimeProvider _time;
    private readonly BodyDecoder _decoder;
    private readonly long _maxBytes;
    private BodyPace _pace;
    private SequencePosition _consumed;
    private bool _holding;
    private bool _ended;
    private bool _continueAwaited;
    private HttpRejection _rejection;
    private long _received;

    internal RequestBody(ConnectionInput input, ConnectionOutput output, RequestFraming framing, TransportOptions options, TimeProvider time)
    {
        _input = input;
        _output = output;
        _time = time;
        _decoder = framing.ContentLength is { } length ? new ContentLengthBody(length) : new ChunkedBody();
        _maxBytes = options.MaxBodyBytes;
        _pace = new BodyPace(options);
        _continueAwaited = framing.ExpectsContinue;
        Length = framing.ContentLength;
        if (Length > _maxBytes) _rejection = HttpRejection.BodyTooLarge;
        _ended = _decoder.IsDone;
    }

    /// <summary>Bytes of the body as declared; null when it is chunked.</summary>
    public long? Length { get; }

    /// <summary>Whether all of it has been read.</summary>
    public bool IsEnded => _ended;

    /// <summary>The next piece, as soon as there is one. Releases the piece before.</summary>
    public async ValueTask<BodyPiece> ReadAsync()
    {
        Release();
        if (_continueAwaited && _rejection == HttpRejection.None) await SendContinueAsync();
        while (!_ended && _rejection == HttpRejection.None)
        {
            if (_decoder.IsDone)
            {
                End();
                break;
            }
            var piece = await ReadOnceAsync();
            if (!piece.IsEmpty) return new(piece, IsEnd: false, HttpRejection.None);
        }
        return new(default, _ended, _rejection);
    }

    /// <summary>The whole body in memory of its own.</summary>
    /// <param name="maxBytes">More is refused as <see cref="HttpRejection.BodyTooLarge"/>, and not even read where the length is known.</param>
    public async ValueTask<BodyContent> ReadAllAsync(int maxBytes)
    {
        if (Length > maxBytes) _rejection = HttpRejection.BodyTooLarge;
        var bytes = Length is 0 ? [] : new byte[Math.Min(Length ?? FirstBufferBytes, FirstBufferBytes)];
        var length = 0;
        while (true)
        {
            var piece = await ReadAsync();
            if (!piece.HasMore) return new(bytes.AsMemory(0, length), piece.Rejection);
            if (piece.Bytes.Length > maxBytes - length)
            {
                _rejection = HttpRejection.BodyTooLarge;
                continue;
            }
            var needed = length + (int)piece.Bytes.Length;
            if (needed > bytes.Length) Array.Resize(ref bytes, (int)Math.Min(Math.Max(needed, 2L * bytes.Length), Length ?? maxBytes));
            piece.Bytes.CopyTo(bytes.AsSpan(length));
            length = needed;
        }
    }

    /// <summary>The body as a read-only stream, which throws <see cref="HttpRejectedException"/> where the body is refused.</summary>
    public Stream AsStream() => new RequestBodyStream(this);

    /// <summary>Whether so little is left, or perhaps left, that reading it is cheaper than a new connection.</summary>
    internal bool CanBeDiscarded(long maxBytes) =>
        _ended || (_rejection == HttpRejection.None && !_continueAwaited && (_decoder.Remaining ?? 0) <= maxBytes);

    /// <summary>The answer has begun: 100 would come too late.</summary>
    internal void ForgetContinue() => _continueAwaited = false;

    /// <summary>Reads what the application left. False when that was too much or went wrong.</summary>
    internal async ValueTask<bool> DiscardAsync(long maxBytes)
    {
        var discarded = 0L;
        while (true)
        {
            var piece = await ReadAsync();
            discarded += piece.Bytes.Length;
            if (!piece.HasMore) return piece.IsEnd;
            if (discarded > maxBytes) return false;
        }
    }

    /// <summary>Gives the last piece back to the connection.</summary>
    internal void Release()
    {
        if (!_holding) return;
        _holding = false;
        _input.AdvanceTo(_consumed, _consumed);
    }

    private async ValueTask<ReadOnlySequence<byte>> ReadOnceAsync()
    {
        var asked = _time.GetTimestamp();
        var read = await _input.ReadAsync(_pace.Allowance);
        await IoThreads.LeaveAsync();
        var before = _received;
        var rejection = _decoder.Decode(read.Buffer, out var piece, out var consumed);
        _received += piece.Length;
        _pace.Took(_time.GetElapsedTime(asked), _received - before);

        if (_received > _maxBytes) rejection = HttpRejection.BodyTooLarge;
        if (rejection == HttpRejection.None && !piece.IsEmpty)
        {
            _holding = true;
            _consumed = consumed;
            return piece;
        }
        _input.AdvanceTo(consumed, _decoder.IsDone || rejection != HttpRejection.None ? consumed : read.Buffer.End);
        _rejection = rejection != HttpRejection.None || _decoder.IsDone ? rejection
            : read.TimedOut ? HttpRejection.BodyTimeout
            : read.Ended ? HttpRejection.BodyCutShort
            : HttpRejection.None;
        return default;
    }

    /// <summary>RFC 9110 §10.1.1: only now is it known that the body is wanted.</summary>
    private async ValueTask SendContinueAsync()
    {
        _continueAwaited = false;
        _output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        await _output.FlushAsync();
    }

    /// <summary>From here on a read is pending for one purpose: to see the client leave.</summary>
    private void End()
    {
        _ended = true;
        _input.Watch();
    }
}
