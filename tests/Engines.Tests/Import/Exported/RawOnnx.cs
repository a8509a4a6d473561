using System.Runtime.InteropServices;
using StreamCore.Engines.Import.OnnxFile;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>An ONNX file written node by node, as exporters do it; large tensors may lie in a file beside it.</summary>
internal sealed class RawOnnx
{
    private readonly List<ProtoMessage> _nodes = [];
    private readonly List<(string Name, OnnxType Type, long[] Shape, byte[] Bytes)> _tensors = [];
    private readonly List<(string Name, OnnxType Type, OnnxDim[] Shape)> _inputs = [], _outputs = [];
    private int _names;

    /// <summary>Adds a node.</summary>
    /// <returns>Its first output.</returns>
    public string Node(string op, string[] inputs, params OnnxAttribute[] attributes) =>
        Node(op, "", inputs, [$"{op}_{_names++}"], attributes);

    public string Microsoft(string op, string[] inputs, params OnnxAttribute[] attributes) =>
        Node(op, "com.microsoft", inputs, [$"{op}_{_names++}"], attributes);

    public string Node(string op, string domain, string[] inputs, string[] outputs, params OnnxAttribute[] attributes)
    {
        var node = new ProtoMessage();
        foreach (var input in inputs) node.Add(1, input);
        foreach (var output in outputs) node.Add(2, output);
        node.Add(3, $"/{outputs[0]}").Add(4, op);
        foreach (var attribute in attributes) node.Add(5, attribute.Proto);
        _nodes.Add(node.Add(7, domain));
        return outputs[0];
    }

    public string Tensor<T>(string name, OnnxType type, long[] shape, T[] values) where T : unmanaged
    {
        if (_tensors.TrueForAll(tensor => tensor.Name != name)) _tensors.Add((name, type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
        return name;
    }

    public string Floats(string name, long[] shape, float[] values) => Tensor(name, OnnxType.Float, shape, values);

    public string Float(float value) => Tensor($"float {value}", OnnxType.Float, [], [value]);

    public string Ints(params long[] values) => Tensor($"ints {string.Join(',', values)}", OnnxType.Int64, [values.Length], values);

    public string Int(long value) => Tensor($"int {value}", OnnxType.Int64, [], [value]);

    public void Input(string name, OnnxType type, params OnnxDim[] shape) => _inputs.Add((name, type, shape));

    public void Output(string name, OnnxType type, params OnnxDim[] shape) => _outputs.Add((name, type, shape));

    /// <summary>Turns float matrices into halves, each with a cast back: what a conversion to float16 leaves of a graph whose sums stay floats.</summary>
    public void Halve()
    {
        for (var i = 0; i < _tensors.Count; i++)
        {
            var (name, type, shape, bytes) = _tensors[i];
            if (type != OnnxType.Float || shape.Length != 2) continue;
            var halves = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), value => (Half)value);
            _tensors[i] = ($"{name}.half", OnnxType.Float16, shape, MemoryMarshal.AsBytes(halves.AsSpan()).ToArray());
            var cast = new ProtoMessage().Add(1, $"{name}.half").Add(2, name).Add(3, $"{name}.cast").Add(4, "Cast").Add(5, new OnnxAttribute("to", 1).Proto);
            _nodes.Insert(0, cast);
        }
    }

    /// <summary>Writes the file; with <paramref name="dataFile"/>, all but small tensors lie in that file beside it.</summary>
    public void Save(string path, string? dataFile = null)
    {
        using var data = dataFile is null ? null : File.Create(Path.Combine(Path.GetDirectoryName(path)!, dataFile));
        var graph = new ProtoMessage();
        foreach (var node in _nodes) graph.Add(1, node);
        graph.Add(2, "main");
        foreach (var (name, type, shape, bytes) in _tensors)
        {
            var tensor = new ProtoMessage();
            foreach (var axis in shape) tensor.Add(1, axis);
            tensor.Add(2, (long)type).Add(8, name);
            if (data is null || bytes.Length < 256) tensor.Add(9, bytes);
            else
            {
                tensor.Add(13, Entry("location", dataFile!)).Add(13, Entry("offset", $"{data.Position}")).Add(13, Entry("length", $"{bytes.Length}")).Add(14, 1L);
                data.Write(bytes);
            }
            graph.Add(5, tensor);
        }
        foreach (var (name, type, shape) in _inputs) graph.Add(11, Value(name, type, shape));
        foreach (var (name, type, shape) in _outputs) graph.Add(12, Value(name, type, shape));
        var model = new ProtoMessage().Add(1, 8L).Add(7, graph)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, 17L)).Add(8, new ProtoMessage().Add(1, "com.microsoft").Add(2, 1L));
        File.WriteAllBytes(path, model.ToMemory().ToArray());
    }

    private static ProtoMessage Entry(string key, string value) => new ProtoMessage().Add(1, key).Add(2, value);

    private static ProtoMessage Value(string name, OnnxType type, OnnxDim[] shape)
    {
        var dims = new ProtoMessage();
        foreach (var dim in shape) dims.Add(1, dim.Name is null ? new ProtoMessage().Add(1, dim.Size) : new ProtoMessage().Add(2, dim.Name));
        return new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, (long)type).Add(2, dims)));
    }
}
