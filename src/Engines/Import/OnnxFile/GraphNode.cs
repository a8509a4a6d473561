namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>A node of a graph that was read. Subgraphs are not.</summary>
internal sealed record GraphNode
{
    public required string Op { get; init; }

    /// <summary>Empty for the operators of ONNX itself.</summary>
    public required string Domain { get; init; }

    /// <summary>May be empty, as it has no meaning in the graph.</summary>
    public required string Name { get; init; }

    /// <summary>Names of values; empty where an input is left out.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    public required IReadOnlyList<string> Outputs { get; init; }

    public IReadOnlyDictionary<string, GraphAttribute> Attributes { get; init; } = new Dictionary<string, GraphAttribute>();

    /// <summary>The value at a place; empty when there is none.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : "";

    public string Output(int index) => index < Outputs.Count ? Outputs[index] : "";

    public long Integer(string attribute, long absent) => Attributes.TryGetValue(attribute, out var value) ? value.Integer : absent;

    public float Float(string attribute, float absent) => Attributes.TryGetValue(attribute, out var value) ? value.Float : absent;

    /// <summary>As messages name it.</summary>
    public override string ToString() => $"node '{(Name.Length > 0 ? Name : Outputs[0])}' ({Op})";
}
