namespace StreamCore.Transport.Multipart;

/// <summary>The bytes of a part: in memory while they are few, then in a temporary file that only this user may read.</summary>
internal sealed class PartStore(int maxBytesInMemory, string folder) : IDisposable
{
    private byte[] _memory = [];
    private FileStream? _file;
    private bool _disposed;

    public long Length { get; private set; }

    /// <summary>All bytes, unless they went to a file.</summary>
    public ReadOnlyMemory<byte> InMemory => _memory.AsMemory(0, _file is null ? (int)Length : 0);

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_file is null && Length + bytes.Length > maxBytesInMemory)
        {
            var before = InMemory;
            _file = Create();
            await _file.WriteAsync(before);
            _memory = [];
        }

        if (_file is not null) await _file.WriteAsync(bytes);
        else Keep(bytes.Span);
        Length += bytes.Length;
    }

    /// <summary>Everything is there: what lies in the writer's buffer goes to the file.</summary>
    public Stream OpenRead()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_file is null) return new MemoryStream(_memory, 0, (int)Length, writable: false);
        _file.Flush();
        return new FileStream(_file.Name, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
    }

    public void Dispose()
    {
        _disposed = true;
        _file?.Dispose();
    }

    /// <summary>Deleted when closed; read by its owner alone from its first moment on.</summary>
    private FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
            BufferSize = 64 * 1024,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var within = folder.Length > 0 ? folder : Path.GetTempPath();
        return new FileStream(Path.Combine(within, $"streamcore-upload-{Guid.NewGuid():N}"), options);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var length = (int)Length;
        if (length + bytes.Length > _memory.Length) Array.Resize(ref _memory, Math.Max(length + bytes.Length, 2 * _memory.Length));
        bytes.CopyTo(_memory.AsSpan(length));
    }
}
