namespace StreamCore.Transport;

/// <summary>Limits and deadlines of HTTP connections.</summary>
public sealed class TransportOptions
{
    /// <summary>Bytes of a request line and its header fields together; beyond it 431. 32 KiB is what Kestrel allows for header fields.</summary>
    public int MaxHeadBytes { get; set; } = 32 * 1024;

    /// <summary>Header fields of a request; beyond it 431. 100 is Kestrel's default and Apache's.</summary>
    public int MaxHeaderCount { get; set; } = 100;

    /// <summary>Bytes of a request target; beyond it 414. 8 KiB is Kestrel's limit for the whole request line.</summary>
    public int MaxTargetBytes { get; set; } = 8 * 1024;

    /// <summary>Bytes of a request body, whatever the application would read; beyond it 413. 512 MiB is the largest file OpenAI takes.</summary>
    public long MaxBodyBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Bytes of an unread body that are discarded to keep a connection; with more to come it is closed. 64 KiB costs less than a new connection.</summary>
    public int MaxDiscardedBodyBytes { get; set; } = 64 * 1024;

    /// <summary>Bytes of later requests buffered while one is answered; reading then pauses. 64 KiB is dozens of pipelined requests.</summary>
    public int MaxPipelinedBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Later requests buffered while one is answered, counted by the ends of their heads; reading then pauses. 64 is beyond any client
    /// that pipelines, and what a connection that sends nothing but heads may have us keep for it.
    /// </summary>
    public int MaxPipelinedRequests { get; set; } = 64;

    /// <summary>
    /// Requests being answered over all connections; beyond it 503, unless the application exempts the request. 2048 is half of the
    /// connections, and above what the applications' own queues commonly hold: those refuse first, and know better when to come again.
    /// </summary>
    public int MaxRequestsInFlight { get; set; } = 2048;

    /// <summary>Open connections in all; beyond it 503. 4096 stays below the usual limit on file descriptors when that is raised to 8192.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>Open connections from one address; beyond it 429. 1024 lets a proxy in front carry hundreds of streams.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 1024;

    /// <summary>Time for a whole request head, from its first byte, and for the first byte of a new connection. 30 s is Kestrel's default.</summary>
    public TimeSpan HeadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time a connection may stay idle between requests. 130 s is Kestrel's default, longer than clients' pools keep theirs, so that the client closes first.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>Longest wait for the next bytes of a body. 30 s outlasts a change of network.</summary>
    public TimeSpan BodyStallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time before the least rate of a body counts. 5 s is Kestrel's default.</summary>
    public TimeSpan BodyRateGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Least rate of a request body, bytes per second. 240 is Kestrel's default.</summary>
    public int MinBodyBytesPerSecond { get; set; } = 240;

    /// <summary>Longest wait for a client to take up to 64 KiB of an answer; then the connection is aborted. 60 s is nginx's send_timeout.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long input is discarded after the last answer, so that closing does not destroy the answer on its way. 5 s is nginx's lingering_timeout.</summary>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>All faults of these values at once; empty when they are sound.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Least(nameof(MaxHeadBytes), MaxHeadBytes, 256);
        Least(nameof(MaxHeaderCount), MaxHeaderCount, 1);
        Least(nameof(MaxTargetBytes), MaxTargetBytes, 1);
        Least(nameof(MaxBodyBytes), MaxBodyBytes, 0);
        Least(nameof(MaxDiscardedBodyBytes), MaxDiscardedBodyBytes, 0);
        Least(nameof(MaxPipelinedBytes), MaxPipelinedBytes, 1);
        Least(nameof(MaxPipelinedRequests), MaxPipelinedRequests, 1);
        Least(nameof(MaxRequestsInFlight), MaxRequestsInFlight, 1);
        Least(nameof(MaxConnections), MaxConnections, 1);
        Least(nameof(MaxConnectionsPerAddress), MaxConnectionsPerAddress, 1);
        Least(nameof(MinBodyBytesPerSecond), MinBodyBytesPerSecond, 1);
        Positive(nameof(HeadTimeout), HeadTimeout);
        Positive(nameof(KeepAliveTimeout), KeepAliveTimeout);
        Positive(nameof(BodyStallTimeout), BodyStallTimeout);
        Positive(nameof(BodyRateGrace), BodyRateGrace);
        Positive(nameof(WriteTimeout), WriteTimeout);
        Positive(nameof(LingerTimeout), LingerTimeout);
        if (MaxTargetBytes > MaxHeadBytes) faults.Add($"{nameof(MaxTargetBytes)} must not exceed {nameof(MaxHeadBytes)}.");
        return faults;

        void Least(string name, long value, long least)
        {
            if (value < least) faults.Add($"{name} must be at least {least}.");
        }

        void Positive(string name, TimeSpan value)
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1)) faults.Add($"{name} must be longer than zero and at most a day.");
        }
    }
}
