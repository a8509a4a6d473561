using System.Text;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Tests.Import.Gguf;

/// <summary>GGUF files written byte by byte, right or wrong.</summary>
internal static class RawGguf
{
    private const int HeaderStart = 4 + 4 + 8 + 8;

    /// <summary>A small model as a GGUF file beside its folder.</summary>
    public static string Make(TempFolder temp, RandomModelShape shape, string type)
    {
        if (!Directory.Exists(temp["source"])) RandomModel.Write(temp["source"], shape, seed: 1);
        var path = temp[$"source-{type}.gguf"];
        GgufExport.Write(temp["source"], path, type);
        return path;
    }

    /// <summary>A file with these tensors and metadata; the tensors' bytes are given.</summary>
    public static byte[] File(byte[] metadata, ulong valueCount, IEnumerable<(string Name, uint Type, long[] Shape, byte[] Data)> tensors, uint version = 3)
    {
        using var header = new MemoryStream();
        using var data = new MemoryStream();
        using var writer = new BinaryWriter(header);
        var list = tensors.ToList();
        writer.Write("GGUF"u8);
        writer.Write(version);
        writer.Write((ulong)list.Count);
        writer.Write(valueCount);
        writer.Write(metadata);
        foreach (var (name, type, shape, bytes) in list)
        {
            writer.Write(Text(name));
            writer.Write(shape.Length);
            foreach (var axis in shape.Reverse()) writer.Write(axis);
            writer.Write(type);
            writer.Write(data.Length);
            data.Write(bytes);
            data.Write(new byte[-data.Length & 31]);
        }
        writer.Write(new byte[-header.Length & 31]);
        return [.. header.ToArray(), .. data.ToArray()];
    }

    /// <summary>The file again, with other tensors; null drops one.</summary>
    public static void Rewrite(
        string path, Func<GgufTensorInfo, byte[], (string Name, uint Type, long[] Shape, byte[] Data)?> change,
        Func<byte[], byte[]>? changeMetadata = null)
    {
        byte[] metadata;
        int count;
        var tensors = new List<(string, uint, long[], byte[])>();
        using (var file = GgufFile.Open(path))
        {
            (metadata, count) = Metadata(file);
            foreach (var info in file.Tensors.Values)
            {
                var bytes = new byte[info.Length];
                file.Read(info.Offset, bytes);
                if (change(info, bytes) is { } changed) tensors.Add(changed);
            }
        }
        System.IO.File.WriteAllBytes(path, File(changeMetadata?.Invoke(metadata) ?? metadata, (ulong)count, tensors));
    }

    /// <summary>Puts one value in the place of another.</summary>
    public static Func<byte[], byte[]> Replace(byte[] old, byte[] with) => metadata =>
    {
        var at = metadata.AsSpan().IndexOf(old);
        if (at < 0) throw new InvalidOperationException("The value is not there.");
        return [.. metadata[..at], .. with, .. metadata[(at + old.Length)..]];
    };

    /// <summary>A key with a whole number.</summary>
    public static byte[] Whole(string key, uint value) => [.. Text(key), .. BitConverter.GetBytes(4), .. BitConverter.GetBytes(value)];

    public static byte[] Text(string text) => [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    /// <summary>The bytes of a file's metadata, and how many values they are.</summary>
    public static (byte[] Bytes, int Count) Metadata(GgufFile file)
    {
        var reader = new GgufHeaderReader(file);
        reader.Next(HeaderStart - sizeof(ulong));
        var count = (int)reader.ReadUInt64();
        var values = new GgufMetadata(file.Path);
        for (var i = 0; i < count; i++) values.ReadOne(reader);
        var bytes = new byte[reader.Position - HeaderStart];
        file.Read(HeaderStart, bytes);
        return (bytes, count);
    }
}
