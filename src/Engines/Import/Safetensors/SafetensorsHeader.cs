using System.Text.Json;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>The JSON header of a safetensors file, taken apart and held against the file's length.</summary>
internal static class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";

    /// <summary>Larger sizes and offsets than any file has, and small enough to add up without overflow.</summary>
    private const long MaxCount = 1L << 60;

    public static Dictionary<string, SafetensorsTensor> Parse(
        SafetensorsFile file, ReadOnlyMemory<byte> header, long dataStart, long fileLength)
    {
        var tensors = new Dictionary<string, SafetensorsTensor>();
        using var json = ParseJson(file, header);
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            if (entry.NameEquals(MetadataKey)) continue;
            if (!tensors.TryAdd(entry.Name, ParseTensor(file, entry.Name, entry.Value, dataStart)))
                throw new ModelFolderException($"'{file.Path}' has tensor '{entry.Name}' twice; download it again.");
        }

        CheckLayout(file, tensors.Values, dataStart, fileLength);
        return tensors;
    }

    /// <summary>Bytes of one element, or null for a type this program does not know.</summary>
    private static int? ElementSize(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
        "I16" or "U16" or "F16" or "BF16" => 2,
        "I32" or "U32" or "F32" => 4,
        "I64" or "U64" or "F64" => 8,
        _ => null,
    };

    private static JsonDocument ParseJson(SafetensorsFile file, ReadOnlyMemory<byte> header)
    {
        try
        {
            var json = JsonDocument.Parse(header);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return json;
            json.Dispose();
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{file.Path}' is not a safetensors file: its header is not a JSON object.");
    }

    private static SafetensorsTensor ParseTensor(SafetensorsFile file, string name, JsonElement entry, long dataStart)
    {
        if (!TryReadEntry(entry, out var type, out var shape, out var start, out var end))
            throw new ModelFolderException(
                $"'{file.Path}': the header entry of tensor '{name}' must have dtype, shape and data_offsets; download it again.");
        if (ElementSize(type) is { } size && SizeOf(shape, size) != end - start)
            throw new ModelFolderException(
                $"'{file.Path}': tensor '{name}' of shape [{string.Join(", ", shape)}] and type {type} does not fill its {end - start} bytes; " +
                "download it again.");
        return new SafetensorsTensor(file, name, type, shape, dataStart + start, end - start);
    }

    private static bool TryReadEntry(JsonElement entry, out string type, out long[] shape, out long start, out long end)
    {
        (type, shape, start, end) = ("", [], 0, 0);
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !entry.TryGetProperty("shape", out var axes) || !TryReadCounts(axes, out shape)
            || !entry.TryGetProperty("data_offsets", out var range) || !TryReadCounts(range, out var offsets)
            || offsets.Length != 2 || offsets[0] > offsets[1])
            return false;
        (type, start, end) = (dtype.GetString()!, offsets[0], offsets[1]);
        return true;
    }

    private static bool TryReadCounts(JsonElement array, out long[] counts)
    {
        counts = [];
        if (array.ValueKind != JsonValueKind.Array) return false;
        var list = new List<long>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var value) || value is < 0 or > MaxCount)
                return false;
            list.Add(value);
        }
        counts = [.. list];
        return true;
    }

    /// <summary>Bytes of a tensor; -1 when no file could hold it.</summary>
    private static long SizeOf(long[] shape, int elementSize)
    {
        if (shape.Contains(0)) return 0;
        Int128 size = elementSize;
        foreach (var axis in shape)
        {
            size *= axis;
            if (size > long.MaxValue) return -1;
        }
        return (long)size;
    }

    /// <summary>Tensors must lie one after the other, without overlaps or gaps, up to the end of the file.</summary>
    private static void CheckLayout(SafetensorsFile file, IEnumerable<SafetensorsTensor> tensors, long dataStart, long fileLength)
    {
        var position = dataStart;
        SafetensorsTensor? before = null;
        foreach (var tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Length))
        {
            if (tensor.Offset < position)
                throw new ModelFolderException($"'{file.Path}': tensors '{before!.Name}' and '{tensor.Name}' overlap; download it again.");
            if (tensor.Offset > position)
                throw new ModelFolderException(
                    $"'{file.Path}': {tensor.Offset - position} bytes before tensor '{tensor.Name}' belong to no tensor; download it again.");
            position = tensor.Offset + tensor.Length;
            before = tensor;
            if (position > fileLength)
                throw new ModelFolderException(
                    $"'{file.Path}' is cut off inside tensor '{tensor.Name}': {fileLength} bytes of at least {position}; download it again.");
        }
        if (position < fileLength)
            throw new ModelFolderException(
                $"'{file.Path}': {fileLength - position} bytes after the last tensor belong to no tensor; download it again.");
    }
}
