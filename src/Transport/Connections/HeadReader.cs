using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Connections;

/// <summary>Brings the parser its bytes, in time.</summary>
internal sealed class HeadReader(ConnectionInput input, TransportOptions options, TimeProvider time)
{
    private readonly RequestParser _parser = new(options);
    private readonly TimeSpan _headTimeout = options.HeadTimeout;
    private readonly TimeSpan _keepAliveTimeout = options.KeepAliveTimeout;
    private readonly TimeSpan _lingerTimeout = options.LingerTimeout;
    private bool _isFirst = true;
    private volatile bool _draining;

    /// <summary>An idle connection shall end instead of waiting for a head. Wake the input after this.</summary>
    public void Drain() => _draining = true;

    /// <summary>
    /// The next head, or why there is none: a rejection, or nothing when the connection ended or was idle too long.
    /// An idle connection is closed without a word, since a client may take an answer to no request for that of its next.
    /// </summary>
    public async ValueTask<(RequestHead? Head, HttpRejection Rejection)> ReadAsync()
    {
        var idle = true;
        var since = time.GetTimestamp();
        var limit = _isFirst ? _headTimeout : _keepAliveTimeout;
        _isFirst = false;
        // Whatever was read meanwhile may have taken the wake that came with the request to drain.
        if (_draining) input.Wake();
        while (true)
        {
            var read = await input.ReadAsync(limit - time.GetElapsedTime(since));
            if (idle && !read.Buffer.IsEmpty)
            {
                idle = false;
                since = time.GetTimestamp();
                limit = _headTimeout;
            }

            var status = _parser.Parse(read.Buffer, out var consumed, out var rejection);
            input.AdvanceTo(consumed, status == ParseStatus.NeedMore ? read.Buffer.End : consumed);
            if (status == ParseStatus.Done) return (_parser.TakeHead(), HttpRejection.None);
            if (status == ParseStatus.Rejected) return (null, rejection);
            if (read.Ended) return (null, idle ? HttpRejection.None : HttpRejection.HeadCutShort);
            if (idle ? read.TimedOut || _draining : time.GetElapsedTime(since) >= limit)
                return (null, idle ? HttpRejection.None : HttpRejection.HeadTimeout);
        }
    }

    /// <summary>Discards what still arrives until the client closes: closing first would reset the connection under the last answer (RFC 9112 §9.6).</summary>
    public async ValueTask LingerAsync()
    {
        var since = time.GetTimestamp();
        while (true)
        {
            var read = await input.ReadAsync(_lingerTimeout - time.GetElapsedTime(since));
            input.AdvanceTo(read.Buffer.End, read.Buffer.End);
            if (read.Ended || read.TimedOut || time.GetElapsedTime(since) >= _lingerTimeout) return;
        }
    }
}
