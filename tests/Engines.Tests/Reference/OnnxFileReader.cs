using Google.Protobuf;

namespace StreamCore.Engines.Tests.Reference;

/// <summary>Reads back what the importer wrote: the nodes and the weights in the data file.</summary>
internal sealed class OnnxFileReader
{
    private readonly string _folder;

    public OnnxFileReader(string folder)
    {
        _folder = folder;
        foreach (var (field, value) in Fields(File.ReadAllBytes(Path.Combine(folder, "model.onnx"))))
            if (field == 7) ReadGraph(value);
    }

    public List<OnnxNode> Nodes { get; } = [];

    public Dictionary<string, OnnxWeight> Weights { get; } = [];

    public byte[] Bytes(OnnxWeight weight)
    {
        using var file = File.OpenRead(Path.Combine(_folder, weight.Location));
        var bytes = new byte[weight.Length];
        file.Position = weight.Offset;
        file.ReadExactly(bytes);
        return bytes;
    }

    private void ReadGraph(byte[] graph)
    {
        foreach (var (field, value) in Fields(graph))
        {
            if (field == 1) Nodes.Add(ReadNode(value));
            if (field == 5 && ReadWeight(value) is { } weight) Weights.Add(weight.Name, weight);
        }
    }

    private static OnnxNode ReadNode(byte[] node)
    {
        var fields = Fields(node).ToLookup(f => f.Field, f => f.Value);
        return new OnnxNode(
            Text(fields[4].Single()), [.. fields[1].Select(Text)], [.. fields[2].Select(Text)],
            fields[5].Select(a => Fields(a).ToLookup(f => f.Field, f => f.Value)).Where(a => a.Contains(3))
                .ToDictionary(a => Text(a[1].Single()), a => BitConverter.ToInt64(a[3].Single())));
    }

    private static OnnxWeight? ReadWeight(byte[] tensor)
    {
        var fields = Fields(tensor).ToLookup(f => f.Field, f => f.Value);
        if (!fields.Contains(13)) return null;
        var data = fields[13].Select(e => Fields(e).ToDictionary(f => f.Field, f => Text(f.Value))).ToDictionary(e => e[1], e => e[2]);
        return new OnnxWeight(
            Text(fields[8].Single()), [.. fields[1].Select(d => BitConverter.ToInt64(d))], data["location"],
            long.Parse(data["offset"]), int.Parse(data["length"]));
    }

    /// <summary>Fields of a message; numbers as 8 bytes.</summary>
    private static List<(int Field, byte[] Value)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        var input = new CodedInputStream(message);
        for (uint tag; (tag = input.ReadTag()) != 0;)
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => BitConverter.GetBytes(input.ReadInt64()),
                WireFormat.WireType.Fixed32 => BitConverter.GetBytes(input.ReadFixed32()),
                _ => input.ReadBytes().ToByteArray(),
            }));
        return fields;
    }

    private static string Text(byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}

internal sealed record OnnxNode(string Op, string[] Inputs, string[] Outputs, Dictionary<string, long> Integers);

internal sealed record OnnxWeight(string Name, long[] Shape, string Location, long Offset, int Length);
