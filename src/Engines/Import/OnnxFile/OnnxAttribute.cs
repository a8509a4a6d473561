namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>An attribute of a node. AttributeProto: name 1, f 2, i 3, ints 8, type 20 (1 float, 2 integer, 7 integers).</summary>
internal readonly struct OnnxAttribute
{
    internal readonly ProtoMessage Proto;

    public OnnxAttribute(string name, long value) => Proto = new ProtoMessage().Add(1, name).Add(3, value).Add(20, 2L);

    public OnnxAttribute(string name, float value) => Proto = new ProtoMessage().Add(1, name).Add(2, value).Add(20, 1L);

    public OnnxAttribute(string name, long[] values)
    {
        Proto = new ProtoMessage().Add(1, name);
        foreach (var value in values) Proto.Add(8, value);
        Proto.Add(20, 7L);
    }
}
