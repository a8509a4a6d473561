using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>An ONNX file that was read: its nodes in the order they run, who makes each value, and its constants, whose bytes stay on disk
/// until they are asked for.</summary>
internal sealed class OnnxGraphFile : IDisposable
{
    private readonly ProtoInput _input;
    private readonly ExternalData _external;
    private readonly Dictionary<string, GraphTensor> _tensors = [];
    private readonly Dictionary<string, GraphNode> _producers = [];

    private OnnxGraphFile(string path)
    {
        _input = new ProtoInput(path);
        _external = new ExternalData(path);
    }

    public string Path => _input.Path;

    public IReadOnlySet<string> Inputs { get; private set; } = new HashSet<string>();

    public IReadOnlyList<string> Outputs { get; private set; } = [];

    /// <summary>In the order they run.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; private set; } = [];

    /// <exception cref="ModelFolderException">The file, or one it names, is missing or not sound.</exception>
    public static OnnxGraphFile Open(string path)
    {
        var file = new OnnxGraphFile(path);
        try
        {
            file.Read();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The constant of a name: a tensor of the graph, or what a Constant node makes.</summary>
    public GraphTensor? Constant(string value) => _tensors.GetValueOrDefault(value);

    /// <summary>The node that makes a value; its own inputs are made by nodes before it.</summary>
    public GraphNode? Producer(string value) => _producers.GetValueOrDefault(value);

    public void Dispose()
    {
        _input.Dispose();
        _external.Dispose();
    }

    private void Read()
    {
        var reader = new GraphReader(_input, _external);
        reader.ReadModel();
        (Inputs, Outputs, Nodes) = (reader.Inputs.ToHashSet(), reader.Outputs, reader.Nodes);
        foreach (var tensor in reader.Tensors)
            if (!_tensors.TryAdd(tensor.Name, tensor))
                throw _input.Unsound($"it has tensor '{tensor.Name}' twice");
        foreach (var node in reader.Nodes) Add(node);
    }

    private void Add(GraphNode node)
    {
        // That no value is used before it is made keeps every way back through the graph from going round in a circle.
        foreach (var input in node.Inputs)
            if (input.Length > 0 && !_producers.ContainsKey(input) && !_tensors.ContainsKey(input) && !Inputs.Contains(input))
                throw _input.Unsound($"{node} has an input '{input}' that nothing before it makes");
        foreach (var output in node.Outputs.Where(output => output.Length > 0))
            if (!_producers.TryAdd(output, node))
                throw _input.Unsound($"value '{output}' is made twice");
        if (node is { Op: "Constant", Domain: "" } && ConstantOf(node) is { } constant) _tensors[node.Outputs[0]] = constant;
    }

    private static GraphTensor? ConstantOf(GraphNode node)
    {
        var attributes = node.Attributes;
        return attributes.TryGetValue("value", out var tensor) ? tensor.Tensor
            : attributes.TryGetValue("value_int", out var integer) ? new GraphTensor("", OnnxType.Int64, [], null, 0, [integer.Integer])
            : attributes.TryGetValue("value_float", out var number) ? new GraphTensor("", OnnxType.Float, [], null, 0, [number.Float])
            : attributes.TryGetValue("value_ints", out var several)
                ? new GraphTensor("", OnnxType.Int64, [several.Integers.Count], null, 0, [.. several.Integers.Select(value => (double)value)])
            : null;
    }
}
