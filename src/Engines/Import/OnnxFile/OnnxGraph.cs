using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>
/// An ONNX model being put together. Constants lie in the model file itself; weights are only described here (name, type, shape and
/// where they will lie in the data file beside it), so a graph of any size is a few hundred kilobytes.
/// </summary>
internal sealed class OnnxGraph(string name, string dataFileName)
{
    /// <summary>Weights start at multiples of this: a page, so that the file can be mapped.</summary>
    private const long Alignment = 4096;

    private const long IrVersion = 8;

    private readonly List<ProtoMessage> _nodes = [];
    private readonly List<ProtoMessage> _initializers = [];
    private readonly List<ProtoMessage> _inputs = [];
    private readonly List<ProtoMessage> _outputs = [];
    private readonly HashSet<string> _constants = [];

    /// <summary>Bytes of the data file that the weights described so far take.</summary>
    public long DataBytes { get; private set; }

    public void AddInput(string input, OnnxType type, params ReadOnlySpan<OnnxDim> shape) =>
        _inputs.Add(ValueInfo(input, type, shape));

    public void AddOutput(string output, OnnxType type, params ReadOnlySpan<OnnxDim> shape) =>
        _outputs.Add(ValueInfo(output, type, shape));

    /// <summary>Adds a node; an empty name stands for an input or output that is left out.</summary>
    /// <returns>The name of the first output.</returns>
    public string AddNode(
        OnnxOp op, ReadOnlySpan<string> inputs, ReadOnlySpan<string> outputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        // NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7.
        var node = new ProtoMessage();
        foreach (var input in inputs) node.Add(1, input);
        foreach (var output in outputs) node.Add(2, output);
        node.Add(3, $"{outputs[0]}:{op.Name}").Add(4, op.Name);
        foreach (var attribute in attributes) node.Add(5, attribute.Proto);
        _nodes.Add(node.Add(7, op.Domain));
        return outputs[0];
    }

    /// <summary>A small constant inside the model file. Asking for the same name again adds nothing.</summary>
    public string Constant<T>(string constant, OnnxType type, T value) where T : unmanaged
    {
        if (!_constants.Add(constant)) return constant;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
        // TensorProto: dims 1 (none: a scalar), data_type 2, name 8, raw_data 9.
        _initializers.Add(new ProtoMessage().Add(2, (long)type).Add(8, constant).Add(9, bytes));
        return constant;
    }

    /// <summary>Makes room for weights in the data file.</summary>
    /// <returns>Where they must be written.</returns>
    public long AddWeights(string weights, OnnxType type, params ReadOnlySpan<long> shape)
    {
        var offset = Reserve(SizeOf(type, shape));
        AddWeightsAt(offset, weights, type, shape);
        return offset;
    }

    /// <summary>Makes room in the data file for bytes that the graph does not name: an operator of ours finds them by their offset.</summary>
    /// <returns>Where they must be written.</returns>
    public long Reserve(long bytes)
    {
        var offset = (DataBytes + Alignment - 1) / Alignment * Alignment;
        DataBytes = offset + bytes;
        return offset;
    }

    /// <summary>Describes bytes of the data file that another weight holds already, under another name and shape.</summary>
    public void AddWeightsAt(long offset, string weights, OnnxType type, params ReadOnlySpan<long> shape)
    {
        // TensorProto: dims 1, data_type 2, name 8, external_data 13, data_location 14 (1 external).
        var tensor = new ProtoMessage();
        foreach (var size in shape) tensor.Add(1, size);
        tensor.Add(2, (long)type).Add(8, weights)
            .Add(13, KeyValue("location", dataFileName))
            .Add(13, KeyValue("offset", offset.ToString(CultureInfo.InvariantCulture)))
            .Add(13, KeyValue("length", SizeOf(type, shape).ToString(CultureInfo.InvariantCulture)))
            .Add(14, 1L);
        _initializers.Add(tensor);
    }

    /// <summary>Writes the model file.</summary>
    public void Save(string path)
    {
        // GraphProto: node 1, name 2, initializer 5, input 11, output 12.
        var graph = new ProtoMessage();
        foreach (var node in _nodes) graph.Add(1, node);
        graph.Add(2, name);
        foreach (var initializer in _initializers) graph.Add(5, initializer);
        foreach (var input in _inputs) graph.Add(11, input);
        foreach (var output in _outputs) graph.Add(12, output);

        // ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8.
        var model = new ProtoMessage().Add(1, IrVersion).Add(2, "StreamCore").Add(7, graph);
        foreach (var opset in OnnxOp.Opsets) model.Add(8, new ProtoMessage().Add(1, opset.Domain).Add(2, opset.Version));
        using var file = File.Create(path);
        file.Write(model.ToMemory().Span);
    }

    private static long SizeOf(OnnxType type, ReadOnlySpan<long> shape)
    {
        long size = type switch { OnnxType.Float => 4, OnnxType.Int64 => 8, _ => 1 };
        foreach (var axis in shape) size = checked(size * axis);
        return size;
    }

    private static ProtoMessage KeyValue(string key, string value) => new ProtoMessage().Add(1, key).Add(2, value);

    /// <summary>ValueInfoProto: name 1, type 2 (tensor_type 1: elem_type 1, shape 2: dim 1: dim_value 1 or dim_param 2).</summary>
    private static ProtoMessage ValueInfo(string value, OnnxType type, ReadOnlySpan<OnnxDim> shape)
    {
        var dims = new ProtoMessage();
        foreach (var dim in shape)
            dims.Add(1, dim.Name is null ? new ProtoMessage().Add(1, dim.Size) : new ProtoMessage().Add(2, dim.Name));
        var tensor = new ProtoMessage().Add(1, (long)type).Add(2, dims);
        return new ProtoMessage().Add(1, value).Add(2, new ProtoMessage().Add(1, tensor));
    }
}
