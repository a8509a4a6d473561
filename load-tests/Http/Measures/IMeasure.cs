using StreamCore.HttpBench.Load;
using StreamCore.HttpBench.Peers;

namespace StreamCore.HttpBench.Measures;

/// <summary>One kind of load, put on each of its variants in turn.</summary>
internal interface IMeasure
{
    string Name { get; }

    /// <summary>What is measured, in one sentence for the report.</summary>
    string Description { get; }

    IReadOnlyList<Variant> Variants { get; }

    /// <summary>The ratios that matter, each taken within a round.</summary>
    IReadOnlyList<Comparison> Comparisons { get; }

    /// <summary>Measures a peer that was just started.</summary>
    Task<IReadOnlyList<(string Metric, double Value)>> RunAsync(PeerProcess peer);
}

/// <summary>A peer with its settings, under the name it has in the report.</summary>
internal sealed record Variant(string Name, PeerSettings Settings);

/// <summary>A metric of one variant divided by that of another, and what is aimed at, if anything.</summary>
internal sealed record Comparison(string Metric, string Of, string To, Aim? Aim = null);
