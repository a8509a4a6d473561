using System.Buffers.Binary;
using System.Text;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>Writes a GGUF file of version 3: metadata first, then <see cref="Describe"/>, then the tensors' elements in that order, in
/// pieces of whole blocks.</summary>
internal sealed class GgufWriter(string path) : IDisposable
{
    private const int Alignment = 32;

    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    private readonly MemoryStream _metadata = new();
    private int _valueCount;
    private IReadOnlyList<GgufEntry> _entries = [];
    private int _current;
    private long _written;

    public void Add(string key, string value)
    {
        BeginValue(key, 8);
        WriteText(_metadata, value);
    }

    public void Add(string key, uint value)
    {
        BeginValue(key, 4);
        WriteUInt32(_metadata, value);
    }

    public void Add(string key, float value)
    {
        BeginValue(key, 6);
        WriteUInt32(_metadata, BitConverter.SingleToUInt32Bits(value));
    }

    public void Add(string key, bool value)
    {
        BeginValue(key, 7);
        _metadata.WriteByte(value ? (byte)1 : (byte)0);
    }

    public void Add(string key, IReadOnlyCollection<string> values)
    {
        BeginArray(key, 8, values.Count);
        foreach (var value in values) WriteText(_metadata, value);
    }

    public void Add(string key, IReadOnlyCollection<int> values)
    {
        BeginArray(key, 5, values.Count);
        foreach (var value in values) WriteUInt32(_metadata, (uint)value);
    }

    public void Add(string key, IReadOnlyCollection<float> values)
    {
        BeginArray(key, 6, values.Count);
        foreach (var value in values) WriteUInt32(_metadata, BitConverter.SingleToUInt32Bits(value));
    }

    /// <summary>Ends the metadata: the tensors that will follow.</summary>
    public void Describe(IReadOnlyList<GgufEntry> entries)
    {
        _entries = entries;
        _file.Write("GGUF"u8);
        WriteUInt32(_file, 3);
        WriteUInt64(_file, (ulong)entries.Count);
        WriteUInt64(_file, (ulong)_valueCount);
        _metadata.WriteTo(_file);
        var place = 0L;
        foreach (var entry in entries)
        {
            WriteText(_file, entry.Name);
            WriteUInt32(_file, (uint)entry.Shape.Length);
            foreach (var axis in entry.Shape.Reverse()) WriteUInt64(_file, (ulong)axis);
            WriteUInt32(_file, (uint)entry.Type);
            WriteUInt64(_file, (ulong)place);
            place += (entry.Length + Alignment - 1) / Alignment * Alignment;
        }
        Pad();
    }

    /// <summary>Appends elements of the current tensor; when it is full, the next one is current.</summary>
    /// <param name="elements">Whole blocks, none beyond the end of the tensor.</param>
    public void Write(ReadOnlySpan<float> elements)
    {
        var entry = _entries[_current];
        GgufTypes.TryGetBlock(entry.Type, out var blockElements, out var blockBytes);
        var bytes = new byte[elements.Length / blockElements * blockBytes];
        GgufEncoder.Write(entry.Type, elements, bytes);
        _file.Write(bytes);
        _written += elements.Length;
        if (_written < entry.ElementCount) return;
        _current++;
        _written = 0;
        Pad();
    }

    public void Dispose() => _file.Dispose();

    private void BeginValue(string key, uint kind)
    {
        WriteText(_metadata, key);
        WriteUInt32(_metadata, kind);
        _valueCount++;
    }

    private void BeginArray(string key, uint kind, int count)
    {
        BeginValue(key, 9);
        WriteUInt32(_metadata, kind);
        WriteUInt64(_metadata, (ulong)count);
    }

    private void Pad() => _file.Write(stackalloc byte[(int)(-_file.Position & (Alignment - 1))]);

    private static void WriteText(Stream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteUInt64(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void WriteUInt32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteUInt64(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        stream.Write(bytes);
    }
}
