using System.Numerics;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>
/// One GGUF file, version 2 or 3: a header with metadata and the tensors' descriptions, then the tensors' bytes, aligned.
/// Everything the header claims is checked against the file when it is opened; the weights stay on disk until they are read.
/// </summary>
internal sealed class GgufFile : SourceFile
{
    public const string Extension = ".gguf";

    private const uint Magic = 0x46554747; // "GGUF"
    private const uint DefaultAlignment = 32;
    private const int MaxEntries = 1 << 20;
    private const int MaxAxes = 4;

    /// <summary>Name, axes, type and place of the shortest description of a tensor; key, type and value of the shortest metadata.</summary>
    private const int LeastTensorBytes = 8 + 4 + 4 + 8, LeastValueBytes = 8 + 4 + 1;

    private readonly Dictionary<string, GgufTensorInfo> _tensors = [];

    private GgufFile(string path) : base(path) => Metadata = new GgufMetadata(path);

    public GgufMetadata Metadata { get; }

    public IReadOnlyDictionary<string, GgufTensorInfo> Tensors => _tensors;

    /// <exception cref="ModelFolderException">The file is not a sound GGUF file.</exception>
    public static GgufFile Open(string path)
    {
        var file = new GgufFile(path);
        try
        {
            file.ReadHeader();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void ReadHeader()
    {
        var reader = new GgufHeaderReader(this);
        if (Length < sizeof(uint) || reader.ReadUInt32() != Magic)
            throw new ModelFolderException($"'{Path}' is not a GGUF file; a model is a folder or a file in that format.");
        var version = reader.ReadUInt32();
        if ((version & 0xFFFF) == 0)
            throw new ModelFolderException($"'{Path}' is a big-endian GGUF file, which cannot be read; get a little-endian one.");
        if (version is not (2 or 3))
            throw new ModelFolderException(
                $"'{Path}' has GGUF version {version}, but only 2 and 3 can be read; get a file made by a current llama.cpp.");

        var tensorCount = reader.ReadCount("its list of tensors", LeastTensorBytes, MaxEntries);
        var valueCount = reader.ReadCount("its metadata", LeastValueBytes, MaxEntries);
        for (var i = 0; i < valueCount; i++) Metadata.ReadOne(reader);
        for (var i = 0; i < tensorCount; i++) AddTensor(reader);
        PlaceTensors(reader.Position);
    }

    private void AddTensor(GgufHeaderReader reader)
    {
        var name = reader.ReadName();
        var axes = reader.ReadUInt32();
        if (axes is 0 or > MaxAxes) throw reader.Unsound($"tensor '{name}' would have {axes} axes");
        // The file has the fastest axis first; an axis of 1 at the end is none.
        var shape = new List<long>();
        UInt128 count = 1;
        for (var i = 0; i < axes; i++)
        {
            var length = reader.ReadUInt64();
            count *= length;
            if (length == 0 || count > long.MaxValue / 8) throw reader.Unsound($"tensor '{name}' has an axis of {length}");
            shape.Insert(0, (long)length);
        }
        while (shape.Count > 1 && shape[0] == 1) shape.RemoveAt(0);
        var info = new GgufTensorInfo(name, (GgufType)(int)reader.ReadUInt32(), [.. shape], reader.ReadUInt64());
        if (!_tensors.TryAdd(name, info)) throw reader.Unsound($"it has tensor '{name}' twice");
    }

    /// <summary>Turns places in the data into places in the file.</summary>
    private void PlaceTensors(long headerEnd)
    {
        var alignment = Metadata.OptionalNumber("general.alignment") is { } given ? (uint)Math.Clamp(given, 0, uint.MaxValue) : DefaultAlignment;
        if (!BitOperations.IsPow2(alignment))
            throw new ModelFolderException($"'{Path}': general.alignment must be a power of two, not {alignment}.");
        var dataStart = (headerEnd + alignment - 1) / alignment * alignment;
        foreach (var info in _tensors.Values)
        {
            if (info.Place % alignment != 0)
                throw new ModelFolderException($"'{Path}': tensor '{info.Name}' does not lie on a multiple of {alignment} bytes; download the file again.");
            if (GgufTypes.TryGetBlock(info.Type, out var elements, out var bytes))
            {
                if (info.Shape[^1] % elements != 0)
                    throw new ModelFolderException(
                        $"'{Path}': tensor '{info.Name}' has rows of {info.Shape[^1]}, which are no whole blocks of {info.Type}; download the file again.");
                info.Length = info.ElementCount / elements * bytes;
            }
            var end = (UInt128)dataStart + info.Place + (ulong)info.Length;
            if (end > (ulong)Length)
                throw new ModelFolderException(
                    $"'{Path}' is cut off inside tensor '{info.Name}': {Length} bytes of at least {end}; download it again.");
            info.Offset = dataStart + (long)info.Place;
        }
    }
}
