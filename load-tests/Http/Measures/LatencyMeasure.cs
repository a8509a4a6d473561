using System.Diagnostics;
using StreamCore.HttpBench.Load;
using StreamCore.HttpBench.Peers;

namespace StreamCore.HttpBench.Measures;

/// <summary>What the server adds between the moment a token is there and its arrival.</summary>
internal sealed class LatencyMeasure : IMeasure
{
    private const string P99 = "p99 of a token's latency, µs";
    private const int Streams = 256;
    private const int StepMilliseconds = 20;
    private const int WarmUpSteps = 100;
    private const int MeasuredSteps = 250;

    public string Name => "latency";

    public string Description =>
        $"{Streams} streams, all of which get a token every {StepMilliseconds} ms at one moment, as a batching engine gives them; the token carries that "
        + "moment, and the client compares it with its arrival. The client's own time is in it, for all alike.";

    public IReadOnlyList<Variant> Variants { get; } =
        [new("streamcore", Paced("streamcore")), new("aspnet", Paced("aspnet")), new("socket", Paced("socket"))];

    public IReadOnlyList<Comparison> Comparisons { get; } = [new(P99, "streamcore", "aspnet", new Aim.Below(1)), new(P99, "streamcore", "socket")];

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(PeerProcess peer)
    {
        var all = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => ListenAsync(peer)));
        var latencies = all.SelectMany(l => l).Order().ToArray();
        return [(P99, Microseconds(latencies, 0.99)), ("p50 of a token's latency, µs", Microseconds(latencies, 0.5))];
    }

    private static async Task<long[]> ListenAsync(PeerProcess peer)
    {
        using var client = new RawClient(16 * 1024);
        await client.ConnectAsync(peer.EndPoint);
        await client.SendAsync(Requests.Stream);
        var latencies = new long[MeasuredSteps];
        var (seen, kept) = (-WarmUpSteps, 0);
        while (seen < MeasuredSteps)
        {
            var received = await client.ReceiveAsync(kept);
            var now = Stopwatch.GetTimestamp();
            var rest = received;
            while (seen < MeasuredSteps && TryTakeDue(ref rest, out var due))
            {
                if (seen >= 0) latencies[seen] = now - due;
                seen++;
            }
            client.Keep(rest);
            kept = rest.Length;
        }

        return latencies;
    }

    /// <summary>The due time of the next whole event; what is before it is passed over.</summary>
    private static bool TryTakeDue(ref ReadOnlyMemory<byte> received, out long due)
    {
        due = 0;
        var field = "\"content\":\""u8;
        while (received.Span.IndexOf("\n\n"u8) is >= 0 and var end)
        {
            var item = received.Span[..end];
            received = received[(end + 2)..];
            var at = item.IndexOf(field) + field.Length;
            if (at < field.Length || at + Token.DueDigits > item.Length) continue;
            if (long.TryParse(item.Slice(at, Token.DueDigits), out due)) return true;
        }

        return false;
    }

    private static double Microseconds(long[] sorted, double share) =>
        sorted[(int)(sorted.Length * share)] * 1e6 / Stopwatch.Frequency;

    private static PeerSettings Paced(string peer) => new(peer, Tokens: 100_000, StepMilliseconds: StepMilliseconds);
}
