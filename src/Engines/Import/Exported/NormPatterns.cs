using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Import.Exported;

/// <summary>The forms that exporters give to the root-mean-square norm, and to the sums it is taken of.</summary>
internal sealed class NormPatterns(ExportedGraph graph)
{
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>Norms with a sum inside, by the sum; a name of our own where the graph has none for it.</summary>
    private readonly Dictionary<string, GraphNode> _sums = [];

    /// <summary>A norm: its weights and what it is taken of.</summary>
    public readonly record struct Norm(FloatMatrix Gain, double Epsilon, string Input);

    /// <summary>The norm that a value is; null where it is something else.</summary>
    public Norm? Find(string value) => graph.Maker(value) switch
    {
        { Op: "SimplifiedLayerNormalization" or "RMSNormalization" } node => Of(node.Input(1), node.Float("epsilon", DefaultEpsilon), graph.Root(node.Input(0))),
        { Op: "SkipSimplifiedLayerNormalization" } node when node.Input(3).Length == 0 && graph.Root(value) == node.Output(0) =>
            Of(node.Input(2), node.Float("epsilon", DefaultEpsilon), Sum(node)),
        { Op: "Mul", Domain: "" } node => Scaled(node.Input(0), node.Input(1)) ?? Scaled(node.Input(1), node.Input(0)),
        _ => null,
    };

    /// <summary>The two values whose sum a value is.</summary>
    public (string Left, string Right)? Operands(string value)
    {
        if (_sums.TryGetValue(value, out var skip)) return (skip.Input(0), skip.Input(1));
        return graph.Maker(value) switch
        {
            { Op: "Add", Domain: "" } node => (node.Input(0), node.Input(1)),
            { Op: "SkipSimplifiedLayerNormalization" } node when graph.Root(value) == node.Output(3) => (node.Input(0), node.Input(1)),
            _ => null,
        };
    }

    private string Sum(GraphNode skip)
    {
        var name = skip.Output(3).Length > 0 ? skip.Output(3) : $"{skip.Output(0)}:sum";
        _sums[name] = skip;
        return name;
    }

    private Norm? Of(string gain, double epsilon, string input) =>
        graph.Constant(gain) is { IsFloat: true, IsRaw: true } tensor && tensor.Shape.Length == 1
            ? new Norm(new FloatMatrix(tensor, turned: false), epsilon, input)
            : null;

    /// <summary>gain · (x / √(mean(x²) + ε)), spelled out.</summary>
    private Norm? Scaled(string gain, string normal)
    {
        if (graph.Constant(gain) is null) return null;
        return graph.Maker(normal) switch
        {
            { Op: "Div", Domain: "" } node => Root(node.Input(1)) is { } found ? Of(gain, found, node.Input(0)) : null,
            { Op: "Mul", Domain: "" } node => Times(gain, node.Input(0), node.Input(1)) ?? Times(gain, node.Input(1), node.Input(0)),
            _ => null,
        };
    }

    private Norm? Times(string gain, string x, string inverse) => graph.Maker(inverse) switch
    {
        { Op: "Div", Domain: "" } node when graph.Number(node.Input(0)) == 1 => Root(node.Input(1)) is { } found ? Of(gain, found, x) : null,
        { Op: "Reciprocal", Domain: "" } node => Root(node.Input(0)) is { } found ? Of(gain, found, x) : null,
        { Op: "Pow", Domain: "" } node when graph.Number(node.Input(1)) == -0.5 => MeanPlus(node.Input(0)) is { } found ? Of(gain, found, x) : null,
        _ => null,
    };

    private Norm? Of(string gain, (double Epsilon, string X) found, string x) =>
        graph.Root(found.X) == graph.Root(x) ? Of(gain, found.Epsilon, graph.Root(x)) : null;

    /// <summary>√(mean(x²) + ε).</summary>
    private (double Epsilon, string X)? Root(string value) => graph.Maker(value) is { Op: "Sqrt", Domain: "" } node ? MeanPlus(node.Input(0)) : null;

    private (double Epsilon, string X)? MeanPlus(string value)
    {
        if (graph.Maker(value) is not { Op: "Add", Domain: "" } sum) return null;
        var (mean, epsilon) = graph.Number(sum.Input(1)) is { } second ? (sum.Input(0), second) : (sum.Input(1), graph.Number(sum.Input(0)) ?? double.NaN);
        if (graph.Maker(mean) is not { Op: "ReduceMean", Domain: "" } reduce || double.IsNaN(epsilon)) return null;
        return graph.Maker(reduce.Input(0)) switch
        {
            { Op: "Pow", Domain: "" } square when graph.Number(square.Input(1)) == 2 => (epsilon, square.Input(0)),
            { Op: "Mul", Domain: "" } square when graph.Root(square.Input(0)) == graph.Root(square.Input(1)) => (epsilon, square.Input(0)),
            _ => null,
        };
    }
}
