using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>
/// One safetensors file: an 8-byte length, a JSON header of that length, then the tensors' bytes without gaps.
/// Everything the header claims is checked against the file when it is opened; the weights stay on disk until they are read.
/// </summary>
/// <remarks>Read by position and not mapped: each weight is read once, in order, and a file cut while it is read gives an error
/// rather than a fault of the process.</remarks>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>The format's own limit.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    private readonly SafeFileHandle _handle;

    private SafetensorsFile(string path, SafeFileHandle handle) => (Path, _handle) = (path, handle);

    public string Path { get; }

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; private set; } = new Dictionary<string, SafetensorsTensor>();

    /// <exception cref="ModelFolderException">The file is missing or is not a sound safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new ModelFolderException($"'{path}' is missing; download the model again.");
        var file = new SafetensorsFile(path, File.OpenHandle(path));
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

    /// <summary>Fills <paramref name="destination"/> from the file's bytes.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(_handle, destination, offset);
            if (count == 0) throw new ModelFolderException($"'{Path}' became shorter while it was read; download the model again.");
            destination = destination[count..];
            offset += count;
        }
    }

    public void Dispose() => _handle.Dispose();

    private void ReadHeader()
    {
        var fileLength = RandomAccess.GetLength(_handle);
        if (fileLength < sizeof(long))
            throw new ModelFolderException($"'{Path}' is {fileLength} bytes long, too short for a safetensors file; download it again.");
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        Read(0, prefix);
        var headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaxHeaderBytes)
            throw new ModelFolderException($"'{Path}' is not a safetensors file: its header would be {(ulong)headerLength} bytes long.");
        if (sizeof(long) + headerLength > fileLength)
            throw new ModelFolderException(
                $"'{Path}' is cut off inside its header: {fileLength} bytes of at least {sizeof(long) + headerLength}; download it again.");

        var header = new byte[headerLength];
        Read(sizeof(long), header);
        Tensors = SafetensorsHeader.Parse(this, header, sizeof(long) + headerLength, fileLength);
    }
}
