using StreamCore.HttpBench.Load;

namespace StreamCore.HttpBench.Measures;

/// <summary>Streams at full speed.</summary>
internal sealed class StreamsMeasure : IMeasure
{
    private const string PerCpu = "tokens per CPU-second";
    private const int Clients = 64;
    private const int Burst = 16;

    public string Name => "streams";

    public string Description =>
        $"{Clients} streams of 2000 tokens, all tokens there at once. Where the name says so, {Burst} tokens are ready together and go out in one "
        + "flush, which is our rule for all that is ready; otherwise every peer flushes every token. ASP.NET's result cannot do otherwise.";

    public IReadOnlyList<Variant> Variants { get; } =
    [
        new("streamcore", new("streamcore")), new("aspnet", new("aspnet")), new("pipe", new("pipe")), new("socket", new("socket")),
        new($"streamcore, {Burst} a flush", new("streamcore", Burst: Burst)),
        new($"socket, {Burst} a flush", new("socket", Burst: Burst)),
    ];

    public IReadOnlyList<Comparison> Comparisons { get; } =
    [
        new(PerCpu, "streamcore", "aspnet", new Aim.AtLeast(2.0)),
        new(PerCpu, $"streamcore, {Burst} a flush", "aspnet"),
        // No more than 1.5 times the socket's CPU.
        new(PerCpu, "streamcore", "socket", new Aim.AtLeast(1 / 1.5)),
        new(PerCpu, $"streamcore, {Burst} a flush", $"socket, {Burst} a flush", new Aim.AtLeast(1 / 1.5)),
        new(PerCpu, "streamcore", "pipe"),
    ];

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(PeerProcess peer)
    {
        await using var fleet = await ClientFleet.StartAsync(peer, Clients, client => client.StreamAsync());
        var (perCpu, perSecond) = await CpuWindow.MeasureAsync(peer, () => fleet.Events);
        return [(PerCpu, perCpu), ("tokens per second", perSecond)];
    }
}
