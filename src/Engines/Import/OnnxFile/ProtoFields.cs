using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>The fields of one message, from front to back. Every length is held against the end of the message it stands in before anything
/// is read or allocated.</summary>
internal struct ProtoFields(ProtoInput input, long start, long end)
{
    private const int MaxVarintBytes = 10;

    /// <summary>Longer than any name; a name has its place in messages of one line.</summary>
    private const int MaxNameBytes = 1024;

    private long _position = start;

    /// <summary>Number of the field that <see cref="Next"/> came to.</summary>
    public int Field { get; private set; }

    public WireFormat.WireType Type { get; private set; }

    /// <summary>The value of a number.</summary>
    public long Number { get; private set; }

    /// <summary>Where the bytes of a string, of a message or of packed numbers begin.</summary>
    public long Start { get; private set; }

    public long Length { get; private set; }

    /// <summary>The value of a number that is a float.</summary>
    public readonly float Float => BitConverter.Int32BitsToSingle((int)Number);

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    public bool Next()
    {
        if (_position >= end) return false;
        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        Type = (WireFormat.WireType)(tag & 7);
        if (tag is < 8 or > uint.MaxValue) throw input.Unsound("a field of it has no number");
        switch (Type)
        {
            case WireFormat.WireType.Varint:
                Number = ReadVarint();
                break;
            case WireFormat.WireType.Fixed32:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));
                break;
            case WireFormat.WireType.Fixed64:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
                break;
            case WireFormat.WireType.LengthDelimited:
                Length = ReadVarint();
                if (Length < 0 || Length > end - _position) throw Short();
                Start = _position;
                _position += Length;
                break;
            default:
                throw input.Unsound("a field of it has an unknown form");
        }
        return true;
    }

    /// <summary>The fields of the message that this field holds.</summary>
    public readonly ProtoFields Message()
    {
        RequireBytes();
        return new ProtoFields(input, Start, Start + Length);
    }

    /// <summary>The name that this field holds.</summary>
    public readonly string Name()
    {
        RequireBytes();
        if (Length > MaxNameBytes) throw input.Unsound("a name in it is longer than any name");
        var name = Encoding.UTF8.GetString(input.Peek(Start, (int)Length));
        return name.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') ? throw input.Unsound("a name in it is none") : name;
    }

    /// <summary>Adds this field's whole numbers, one or many in packed form, to a list.</summary>
    public readonly void AddNumbers(List<long> numbers, int most)
    {
        if (Type == WireFormat.WireType.Varint) numbers.Add(Number);
        else
        {
            RequireBytes();
            var packed = new ProtoFields(input, Start, Start + Length);
            while (packed._position < packed.End && numbers.Count <= most) numbers.Add(packed.ReadVarint());
        }
        if (numbers.Count > most) throw input.Unsound("a list in it is longer than any list");
    }

    private readonly long End => end;

    private readonly void RequireBytes()
    {
        if (Type != WireFormat.WireType.LengthDelimited) throw input.Unsound("a field of it has the wrong form");
    }

    private long ReadVarint()
    {
        var bytes = input.Peek(_position, (int)Math.Min(MaxVarintBytes, end - _position));
        var value = 0UL;
        for (var i = 0; i < bytes.Length; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            _position += i + 1;
            return (long)value;
        }
        throw bytes.Length == MaxVarintBytes ? input.Unsound("a number in it is too long") : Short();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > end - _position) throw Short();
        _position += count;
        return input.Peek(_position - count, count);
    }

    private readonly ModelFolderException Short() =>
        end == input.Length
            ? new ModelFolderException($"'{input.Path}' is cut off: it has only {input.Length} bytes; download it again.")
            : input.Unsound("a part of it is longer than what holds it");
}
