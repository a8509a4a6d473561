namespace StreamCore.Transport.Timing;

/// <summary>
/// How long the next bytes of a body may take. Only time spent waiting for the client counts, so an application that reads
/// slowly does not make its client late.
/// </summary>
internal struct BodyPace(TransportOptions options)
{
    private readonly TimeSpan _stall = options.BodyStallTimeout;
    private readonly TimeSpan _grace = options.BodyRateGrace;
    private readonly int _bytesPerSecond = options.MinBodyBytesPerSecond;
    private TimeSpan _waited;
    private long _received;

    /// <summary>The time left until the whole body is slower than the least rate, but no more than one stall.</summary>
    public readonly TimeSpan Allowance
    {
        get
        {
            var left = _grace + TimeSpan.FromSeconds(_received / (double)_bytesPerSecond) - _waited;
            return left < _stall ? left : _stall;
        }
    }

    public void Took(TimeSpan waited, long bytes)
    {
        _waited += waited;
        _received += bytes;
    }
}
