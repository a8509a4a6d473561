using Google.Protobuf;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>One protobuf message: fields in the order they are added. Messages nest by being added to another one.</summary>
#pragma warning disable CA1001 // The streams are over memory: nothing to dispose of.
internal sealed class ProtoMessage
#pragma warning restore CA1001
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _output;

    public ProtoMessage() => _output = new CodedOutputStream(_bytes, bufferSize: 128, leaveOpen: true);

    public ProtoMessage Add(int field, long value)
    {
        _output.WriteTag(field, WireFormat.WireType.Varint);
        _output.WriteInt64(value);
        return this;
    }

    public ProtoMessage Add(int field, float value)
    {
        _output.WriteTag(field, WireFormat.WireType.Fixed32);
        _output.WriteFloat(value);
        return this;
    }

    public ProtoMessage Add(int field, string value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteString(value);
        return this;
    }

    public ProtoMessage Add(int field, ReadOnlyMemory<byte> value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
        return this;
    }

    public ProtoMessage Add(int field, ProtoMessage value) => Add(field, value.ToMemory());

    /// <summary>The bytes so far; valid until the next field is added.</summary>
    public ReadOnlyMemory<byte> ToMemory()
    {
        _output.Flush();
        return _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);
    }
}
