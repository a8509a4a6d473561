using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>Reads the header of a GGUF file from front to back. Every length it claims is held against what is left of the file, and
/// against limits beyond any real header, before anything is allocated.</summary>
internal sealed class GgufHeaderReader(GgufFile file)
{
    /// <summary>A whole tokenizer.json fits, as some files carry one.</summary>
    private const long MaxStringBytes = 64 << 20;

    private const long MaxHeaderBytes = 128 << 20;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private long _bufferStart;
    private int _buffered;

    public long Position { get; private set; }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Next(sizeof(ulong)));

    /// <summary>A number of entries, each of which takes at least <paramref name="entryBytes"/> of the file.</summary>
    public int ReadCount(string what, int entryBytes, int most)
    {
        var count = ReadUInt64();
        if (count > (ulong)most) throw Unsound($"{what} would be {count} entries long");
        if ((long)count * entryBytes > file.Length - Position) throw CutOff();
        return (int)count;
    }

    /// <summary>The name of a tensor or a value, which has its place in messages of one line.</summary>
    public string ReadName()
    {
        var name = ReadText();
        return GgufMetadata.IsWord(name) ? name : throw Unsound("a name in it is none");
    }

    public string ReadText()
    {
        var length = ReadUInt64();
        if (length > MaxStringBytes) throw Unsound(string.Create(CultureInfo.InvariantCulture, $"a string would be {length} bytes long"));
        if (length <= (ulong)_buffer.Length) return Encoding.UTF8.GetString(Next((int)length));
        if ((long)length > file.Length - Position) throw CutOff();
        var bytes = new byte[(int)length];
        file.Read(Position, bytes);
        Position += bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The next bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next(int count)
    {
        if (count > file.Length - Position) throw CutOff();
        if (Position + count > MaxHeaderBytes) throw Unsound("its header would be longer than any model's");
        if (Position < _bufferStart || Position + count > _bufferStart + _buffered)
        {
            _bufferStart = Position;
            _buffered = (int)Math.Min(_buffer.Length, file.Length - Position);
            file.Read(Position, _buffer.AsSpan(0, _buffered));
        }
        var bytes = _buffer.AsSpan((int)(Position - _bufferStart), count);
        Position += count;
        return bytes;
    }

    public ModelFolderException Unsound(string what) => new($"'{file.Path}' is not a sound GGUF file: {what}; download it again.");

    private ModelFolderException CutOff() =>
        new($"'{file.Path}' is cut off inside its header: it has only {file.Length} bytes; download it again.");
}
