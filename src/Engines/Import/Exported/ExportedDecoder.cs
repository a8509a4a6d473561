using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>The layers of a decoder in a graph that others exported, found by going back from the logits to the embedding: what a node
/// does is told by where it stands, not by its name.</summary>
internal sealed class ExportedDecoder
{
    private const string Logits = "logits";

    private readonly ExportedGraph _graph;
    private readonly NormPatterns _norms;
    private readonly List<Found> _found = [];

    /// <exception cref="Models.ModelFolderException">The graph is no decoder that can be imported; the message names the node.</exception>
    public ExportedDecoder(ExportedGraph graph)
    {
        (_graph, _norms) = (graph, new NormPatterns(graph));
        if (!graph.IsOutput(Logits)) throw graph.Refuse(Logits, $"a decoder's output '{Logits}'");
        Head = LinearPatterns.Find(graph, Logits) is { Bias: null } head ? head : throw graph.Refuse(Logits, "the layer that makes logits");
        var norm = Norm(Rows(Head.Input));
        (FinalNorm, Epsilon) = (norm.Gain, norm.Epsilon);

        var residual = norm.Input;
        IWeightTensor? embedding;
        while ((embedding = LinearPatterns.Embedding(graph, residual)) is null) residual = ReadLayer(residual);
        Embedding = embedding;
        _found.Reverse();
        Layers = [.. _found.Select(Finish)];
    }

    public IWeightTensor Embedding { get; }

    public IReadOnlyList<ExportedLayer> Layers { get; }

    public FloatMatrix FinalNorm { get; }

    public ExportedLinear Head { get; }

    /// <summary>The same in every norm.</summary>
    public double Epsilon { get; }

    /// <summary>Floats among which the rotary embedding is found.</summary>
    public IReadOnlyCollection<GraphTensor> AttentionConstants => [.. Layers.SelectMany(layer => layer.Attention.Constants).Distinct()];

    /// <summary>Goes back over one layer.</summary>
    /// <returns>The running sum before it.</returns>
    private string ReadLayer(string residual)
    {
        var (beforeMlp, down) = Branch(residual, "the output of an MLP");
        var (gate, up) = GateAndUp(down.Input);
        var mlpNorm = Norm(gate.Input);
        Require(mlpNorm.Input, beforeMlp, "the sum that the MLP's norm is taken of");

        var (before, output) = Branch(beforeMlp, "the output of attention");
        _found.Add(new Found(before, output, mlpNorm.Gain, gate, up, down));
        return before;
    }

    /// <summary>Takes a sum apart: what was there before, and the layer whose output is added.</summary>
    private (string Before, ExportedLinear Branch) Branch(string sum, string wanted)
    {
        if (_norms.Operands(sum) is not var (left, right)) throw _graph.Refuse(sum, "the sum of a layer");
        if (LinearPatterns.Find(_graph, right) is { } last) return (_graph.Root(left), last);
        return LinearPatterns.Find(_graph, left) is { } first ? (_graph.Root(right), first) : throw _graph.Refuse(right, wanted);
    }

    private (ExportedLinear Gate, ExportedLinear Up) GateAndUp(string product)
    {
        if (_graph.Maker(product) is { Op: "Mul", Domain: "" } node)
            foreach (var (active, other) in (ReadOnlySpan<(string, string)>)[(node.Input(0), node.Input(1)), (node.Input(1), node.Input(0))])
                if (Activated(active) is { } inner && LinearPatterns.Find(_graph, inner) is { } gate && LinearPatterns.Find(_graph, other) is { } up)
                {
                    Require(up.Input, _graph.Root(gate.Input), "the input of the MLP's gate");
                    return (gate, up);
                }
        throw _graph.Refuse(product, "SiLU of a gate, times another layer,");
    }

    /// <summary>What SiLU was applied to.</summary>
    private string? Activated(string value) => _graph.Maker(value) switch
    {
        { Op: "QuickGelu" } node when node.Float("alpha", 1.702f) == 1 => node.Input(0),
        { Op: "Swish" } node when node.Float("alpha", 1) == 1 => node.Input(0),
        { Op: "Mul", Domain: "" } node when IsSigmoidOf(node.Input(1), node.Input(0)) => node.Input(0),
        { Op: "Mul", Domain: "" } node when IsSigmoidOf(node.Input(0), node.Input(1)) => node.Input(1),
        _ => null,
    };

    private bool IsSigmoidOf(string value, string x) =>
        _graph.Maker(value) is { Op: "Sigmoid" } node && _graph.Root(node.Input(0)) == _graph.Root(x);

    private NormPatterns.Norm Norm(string value) => _norms.Find(value) ?? throw _graph.Refuse(value, "a root-mean-square norm");

    /// <summary>Looks through what only chooses rows.</summary>
    private string Rows(string value)
    {
        while (_graph.Maker(value) is { Op: "Gather" or "GatherND" or "Slice" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" } node)
            value = node.Input(0);
        return value;
    }

    private void Require(string value, string expected, string what)
    {
        if (_graph.Root(value) != expected) throw _graph.Refuse(value, what);
    }

    private ExportedLayer Finish(Found found, int layer)
    {
        var attention = AttentionSearch.Find(_graph, found.Output.Input, layer);
        var norm = Norm(attention.Query.Input);
        foreach (var other in (ExportedLinear?[])[attention.Key, attention.Value])
            if (other is not null) Require(other.Input, _graph.Root(attention.Query.Input), "the input of the query projection");
        Require(norm.Input, found.Before, "the sum that attention's norm is taken of");
        return new ExportedLayer(norm.Gain, attention, found.Output, found.MlpNorm, found.Gate, found.Up, found.Down);
    }

    private readonly record struct Found(
        string Before, ExportedLinear Output, FloatMatrix MlpNorm, ExportedLinear Gate, ExportedLinear Up, ExportedLinear Down);
}
