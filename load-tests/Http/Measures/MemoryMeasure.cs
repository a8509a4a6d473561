using StreamCore.HttpBench.Load;
using StreamCore.HttpBench.Peers;

namespace StreamCore.HttpBench.Measures;

/// <summary>Memory of connections that wait, and of streams that run slowly.</summary>
internal sealed class MemoryMeasure : IMeasure
{
    private const string Idle = "bytes per idle connection";
    private const string Open = "bytes per open stream";
    private const int Streams = 2_000;
    private const int ConnectingAtOnce = 64;

    public string Name => "memory";

    public string Description =>
        $"Growth of the resident set after a full collection, for each of {Connections} connections that were used once and are kept, "
        + $"and for each of {Streams} streams that get a token every half second. The kernel's share is not in it.";

    public IReadOnlyList<Variant> Variants { get; } =
    [
        new("streamcore", Slow("streamcore")), new("aspnet", Slow("aspnet")), new("socket", Slow("socket")),
    ];

    public IReadOnlyList<Comparison> Comparisons { get; } =
    [
        new(Idle, "streamcore", "aspnet", new Aim.Below(1)), new(Open, "streamcore", "aspnet", new Aim.Below(1)),
        new(Idle, "streamcore", "socket"), new(Open, "streamcore", "socket"),
    ];

    /// <summary>10,000, or what the limit on open files leaves room for, here and in the peer alike.</summary>
    private static int Connections { get; } = (int)Math.Min(10_000, Machine.MaxOpenFiles - 500);

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(PeerProcess peer)
    {
        await GrowthAsync(peer, 200, 4096, client => client.AskModelsAsync());
        await GrowthAsync(peer, 200, 4096, client => FirstEventsAsync(client));
        var idle = await GrowthAsync(peer, Connections, 1024, client => client.AskModelsAsync());
        var open = await GrowthAsync(peer, Streams, 4096, client => FirstEventsAsync(client));
        return [(Idle, idle), (Open, open)];
    }

    /// <summary>Opens connections, brings each to where it shall stay, and measures what each costs.</summary>
    private static async Task<double> GrowthAsync(PeerProcess peer, int count, int bufferBytes, Func<RawClient, Task> settle)
    {
        await peer.CollectAsync();
        var before = peer.ResidentBytes;
        var clients = Enumerable.Range(0, count).Select(_ => new RawClient(bufferBytes)).ToArray();
        try
        {
            var connecting = new ParallelOptions { MaxDegreeOfParallelism = ConnectingAtOnce };
            await Parallel.ForEachAsync(clients, connecting, (client, _) => client.ConnectAsync(peer.EndPoint));
            await Task.WhenAll(clients.Select(settle));
            await peer.CollectAsync();
            return (peer.ResidentBytes - before) / (double)count;
        }
        finally
        {
            foreach (var client in clients) client.Dispose();
            await Task.Delay(500); // the peer sees them leave
        }
    }

    private static async Task FirstEventsAsync(RawClient client)
    {
        await client.SendAsync(Requests.Stream);
        for (var i = 0; i < 2; i++) await client.ReceiveAsync();
    }

    private static PeerSettings Slow(string peer) => new(peer, Tokens: 10_000, StepMilliseconds: 500);
}
