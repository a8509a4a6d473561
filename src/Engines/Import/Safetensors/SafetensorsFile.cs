using System.Buffers.Binary;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>
/// One safetensors file: an 8-byte length, a JSON header of that length, then the tensors' bytes without gaps.
/// Everything the header claims is checked against the file when it is opened; the weights stay on disk until they are read.
/// </summary>
internal sealed class SafetensorsFile : SourceFile
{
    /// <summary>The format's own limit.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private SafetensorsFile(string path) : base(path, "download the model again")
    {
    }

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; private set; } = new Dictionary<string, SafetensorsTensor>();

    /// <exception cref="ModelFolderException">The file is missing or is not a sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new ModelFolderException($"'{path}' is missing; download the model again.");
        var file = new SafetensorsFile(path);
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
        if (Length < sizeof(long))
            throw new ModelFolderException($"'{Path}' is {Length} bytes long, too short for a safetensors file; download it again.");
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        Read(0, prefix);
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaxHeaderBytes)
            throw new ModelFolderException($"'{Path}' is not a safetensors file: its header would be {(ulong)headerLength} bytes long.");
        if (sizeof(long) + headerLength > Length)
            throw new ModelFolderException(
                $"'{Path}' is cut off inside its header: {Length} bytes of at least {sizeof(long) + headerLength}; download it again.");

        var header = new byte[headerLength];
        Read(sizeof(long), header);
        Tensors = SafetensorsHeader.Parse(this, header, sizeof(long) + headerLength, Length);
    }
}
