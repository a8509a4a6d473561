using StreamCore.HttpBench.Load;

namespace StreamCore.HttpBench.Measures;

/// <summary>Small requests on connections that are kept.</summary>
internal sealed class ModelsMeasure : IMeasure
{
    private const string PerCpu = "requests per CPU-second";
    private const int Clients = 64;

    public string Name => "models";

    public string Description => $"GET /v1/models by {Clients} clients, each asking again when it is answered.";

    public IReadOnlyList<Variant> Variants { get; } =
        [new("streamcore", new("streamcore")), new("aspnet", new("aspnet")), new("socket", new("socket"))];

    public IReadOnlyList<Comparison> Comparisons { get; } =
        [new(PerCpu, "streamcore", "aspnet", new Aim.AtLeast(1.3)), new(PerCpu, "streamcore", "socket")];

    public async Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(PeerProcess peer)
    {
        await using var fleet = await ClientFleet.StartAsync(peer, Clients, client => client.AskModelsAsync());
        var (perCpu, perSecond) = await CpuWindow.MeasureAsync(peer, () => fleet.Answers);
        return [(PerCpu, perCpu), ("requests per second", perSecond)];
    }
}
