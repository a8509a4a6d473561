using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>Writes a safetensors file: the tensors are named first, then their elements follow in that order, in pieces of any size.</summary>
internal sealed class SafetensorsWriter : IDisposable
{
    private const int ChunkElements = 32 * 1024;

    private readonly FileStream _file;
    private readonly IReadOnlyList<SafetensorsEntry> _entries;
    private int _current;
    private long _written;

    public SafetensorsWriter(string path, IReadOnlyList<SafetensorsEntry> entries)
    {
        _entries = entries;
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        WriteHeader();
    }

    /// <summary>Appends elements to the current tensor; when it is full, the next one is current.</summary>
    public void Write(ReadOnlySpan<float> elements)
    {
        while (elements.Length > 0)
        {
            var entry = _entries[_current];
            var count = (int)Math.Min(elements.Length, entry.ElementCount - _written);
            WriteAs(entry.Type, elements[..count]);
            elements = elements[count..];
            _written += count;
            if (_written < entry.ElementCount) continue;
            _current++;
            _written = 0;
        }
    }

    public void Dispose() => _file.Dispose();

    private void WriteHeader()
    {
        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var entry in _entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.ToString());
                json.WriteStartArray("shape");
                foreach (var axis in entry.Shape) json.WriteNumberValue(axis);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += entry.ElementCount * entry.ElementSize);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8, so that the tensors are aligned.
        var padding = -header.WrittenCount & 7;
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.WrittenCount + padding);
        _file.Write(length);
        _file.Write(header.WrittenSpan);
        _file.Write("       "u8[..padding]);
    }

    private void WriteAs(SafetensorsType type, ReadOnlySpan<float> elements)
    {
        if (type == SafetensorsType.F32)
        {
            _file.Write(MemoryMarshal.AsBytes(elements));
            return;
        }

        var buffer = ArrayPool<ushort>.Shared.Rent(Math.Min(ChunkElements, elements.Length));
        while (elements.Length > 0)
        {
            var halves = buffer.AsSpan(0, Math.Min(ChunkElements, elements.Length));
            for (var i = 0; i < halves.Length; i++)
                halves[i] = type == SafetensorsType.BF16 ? ToBrain(elements[i]) : BitConverter.HalfToUInt16Bits((Half)elements[i]);
            _file.Write(MemoryMarshal.AsBytes(halves));
            elements = elements[halves.Length..];
        }
        ArrayPool<ushort>.Shared.Return(buffer);
    }

    /// <summary>The nearest bfloat16, ties to even. Not for NaN.</summary>
    private static ushort ToBrain(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
