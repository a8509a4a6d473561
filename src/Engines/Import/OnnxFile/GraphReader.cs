using Google.Protobuf;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>Takes the messages of an ONNX file apart. Whatever it claims is held against the file, and against limits beyond any real model,
/// before anything is allocated.</summary>
internal sealed class GraphReader(ProtoInput input, ExternalData external)
{
    private const int MaxNodes = 1 << 18;
    private const int MaxTensors = 1 << 18;
    private const int MaxValues = 1 << 14;
    private const int MaxInputs = 1 << 10;
    private const int MaxAttributes = 64;
    private const int MaxAxes = 8;
    private const int MaxNumbers = 1 << 16;

    /// <summary>Names, and so what they take of memory, longer than all those of any real model.</summary>
    private const long MaxNameBytes = 64 << 20;

    private long _nameBytes;

    public List<GraphNode> Nodes { get; } = [];

    public List<GraphTensor> Tensors { get; } = [];

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>Reads a ModelProto, of which only the graph (7) matters here.</summary>
    public void ReadModel()
    {
        var graphs = 0;
        for (var model = new ProtoFields(input, 0, input.Length); model.Next();)
        {
            if (model.Field != 7) continue;
            if (++graphs > 1) throw input.Unsound("it has two graphs");
            ReadGraph(model.Message());
        }
        if (graphs == 0) throw input.Unsound("it has no graph");
    }

    /// <summary>GraphProto: node 1, initializer 5, input 11, output 12.</summary>
    private void ReadGraph(ProtoFields graph)
    {
        while (graph.Next())
        {
            switch (graph.Field)
            {
                case 1:
                    Add(Nodes, ReadNode(graph.Message()), MaxNodes);
                    break;
                case 5:
                    Add(Tensors, ReadTensor(graph.Message()), MaxTensors);
                    break;
                case 11:
                    Add(Inputs, ReadValueName(graph.Message()), MaxValues);
                    break;
                case 12:
                    Add(Outputs, ReadValueName(graph.Message()), MaxValues);
                    break;
            }
        }
    }

    /// <summary>NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7.</summary>
    private GraphNode ReadNode(ProtoFields node)
    {
        var (name, op, domain) = ("", "", "");
        List<string> inputs = [], outputs = [];
        Dictionary<string, GraphAttribute> attributes = [];
        while (node.Next())
        {
            switch (node.Field)
            {
                case 1:
                    Add(inputs, Name(node), MaxInputs);
                    break;
                case 2:
                    Add(outputs, Name(node), MaxInputs);
                    break;
                case 3:
                    name = Name(node);
                    break;
                case 4:
                    op = Name(node);
                    break;
                case 5:
                    ReadAttribute(node.Message(), attributes);
                    break;
                case 7:
                    domain = Name(node);
                    break;
            }
        }
        if (op.Length == 0 || outputs.Count == 0) throw input.Unsound("a node of it has no operator or no output");
        return new GraphNode
        {
            Op = op,
            Domain = domain == "ai.onnx" ? "" : domain,
            Name = name,
            Inputs = inputs,
            Outputs = outputs,
            Attributes = attributes,
        };
    }

    /// <summary>AttributeProto: name 1, f 2, i 3, t 5, ints 8. Others are not needed.</summary>
    private void ReadAttribute(ProtoFields attribute, Dictionary<string, GraphAttribute> attributes)
    {
        var (name, integer, number) = ("", 0L, 0f);
        GraphTensor? tensor = null;
        List<long> integers = [];
        while (attribute.Next())
        {
            switch (attribute.Field)
            {
                case 1:
                    name = Name(attribute);
                    break;
                case 2:
                    number = attribute.Float;
                    break;
                case 3:
                    integer = attribute.Number;
                    break;
                case 5:
                    tensor = ReadTensor(attribute.Message());
                    break;
                case 8:
                    attribute.AddNumbers(integers, MaxNumbers);
                    break;
            }
        }
        if (attributes.Count == MaxAttributes || !attributes.TryAdd(name, new GraphAttribute(integer, number, integers, tensor)))
            throw input.Unsound("a node of it has an attribute twice, or too many");
    }

    /// <summary>TensorProto: dims 1, data_type 2, float_data 4, int32_data 5, int64_data 7, name 8, raw_data 9, external_data 13, data_location 14.</summary>
    private GraphTensor ReadTensor(ProtoFields tensor)
    {
        var (name, type, isExternal) = ("", OnnxType.Float, false);
        List<long> shape = [], numbers = [];
        (long Start, long Length)? raw = null;
        Dictionary<string, string> entries = [];
        while (tensor.Next())
        {
            switch (tensor.Field)
            {
                case 1:
                    tensor.AddNumbers(shape, MaxAxes);
                    break;
                case 2:
                    type = (OnnxType)(int)Math.Clamp(tensor.Number, 0, int.MaxValue);
                    break;
                case 4 or 9 when tensor.Type == WireFormat.WireType.LengthDelimited:
                    // Packed floats lie as raw ones do.
                    raw = (tensor.Start, tensor.Length);
                    break;
                case 5 or 7 when tensor.Type != WireFormat.WireType.LengthDelimited || tensor.Length <= MaxNumbers:
                    tensor.AddNumbers(numbers, MaxNumbers);
                    break;
                case 8:
                    name = Name(tensor);
                    break;
                case 13:
                    ReadEntry(tensor.Message(), entries);
                    break;
                case 14:
                    isExternal = tensor.Number == 1;
                    break;
            }
        }
        var bytes = BytesOf(name, type, shape);
        if (isExternal)
        {
            var (file, offset) = external.Find(name, entries, bytes);
            return new GraphTensor(name, type, [.. shape], file, offset, []);
        }
        if (raw is { } place)
        {
            // Bytes of a type that is not known are not looked at.
            if (bytes > 0 && place.Length != bytes) throw input.Unsound($"tensor '{name}' has {place.Length} bytes where its shape asks for {bytes}");
            return new GraphTensor(name, type, [.. shape], input, place.Start, []);
        }
        return new GraphTensor(name, type, [.. shape], null, 0, [.. numbers.Select(number => ValueOf(type, number))]);
    }

    /// <summary>Halves are spelled out as the whole numbers that their bits are.</summary>
    private static double ValueOf(OnnxType type, long number) => type switch
    {
        OnnxType.Float16 => (double)BitConverter.UInt16BitsToHalf((ushort)number),
        OnnxType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)(ushort)number << 16),
        _ => number,
    };

    private long BytesOf(string name, OnnxType type, List<long> shape)
    {
        Int128 count = 1;
        foreach (var axis in shape)
        {
            count *= axis;
            if (axis < 0 || count > long.MaxValue / 16) throw input.Unsound($"tensor '{name}' has an axis of {axis}");
        }
        return GraphTensor.BytesOf(type, (long)count);
    }

    /// <summary>StringStringEntryProto: key 1, value 2.</summary>
    private void ReadEntry(ProtoFields entry, Dictionary<string, string> entries)
    {
        var (key, value) = ("", "");
        while (entry.Next())
        {
            if (entry.Field == 1) key = Name(entry);
            if (entry.Field == 2) value = Name(entry);
        }
        if (entries.Count == MaxAttributes || !entries.TryAdd(key, value)) throw input.Unsound("a tensor of it says twice where it lies");
    }

    /// <summary>ValueInfoProto: name 1.</summary>
    private string ReadValueName(ProtoFields value)
    {
        var name = "";
        while (value.Next())
            if (value.Field == 1)
                name = Name(value);
        return name;
    }

    private string Name(ProtoFields field)
    {
        var name = field.Name();
        _nameBytes += field.Length;
        return _nameBytes <= MaxNameBytes ? name : throw input.Unsound("its names are longer than those of any model");
    }

    private void Add<T>(List<T> list, T item, int most)
    {
        if (list.Count == most) throw input.Unsound("a list in it is longer than that of any model");
        list.Add(item);
    }
}
