namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>An attribute of a node: an integer or a float.</summary>
internal readonly record struct OnnxAttribute
{
    private readonly string _name;
    private readonly long? _integer;
    private readonly float _number;

    public OnnxAttribute(string name, long value) => (_name, _integer) = (name, value);

    public OnnxAttribute(string name, float value) => (_name, _number) = (name, value);

    /// <summary>AttributeProto: name 1, f 2, i 3, type 20 (1 float, 2 integer).</summary>
    internal ProtoMessage ToProto()
    {
        var proto = new ProtoMessage().Add(1, _name);
        return _integer is { } integer ? proto.Add(3, integer).Add(20, 2L) : proto.Add(2, _number).Add(20, 1L);
    }
}
