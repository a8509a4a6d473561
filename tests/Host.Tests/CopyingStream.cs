namespace StreamCore.Host.Tests;

/// <summary>Reads another stream and keeps what was read; tells it once, at the end or when it is left, with whether it is whole.</summary>
internal sealed class CopyingStream(Stream source, Action<byte[], bool> done) : Stream
{
    private readonly MemoryStream _read = new();
    private bool _told;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Kept(buffer.AsSpan(offset, source.Read(buffer, offset, count)), count);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer, cancellationToken);
        return Kept(buffer.Span[..count], buffer.Length);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Tell(whole: false);
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Kept(ReadOnlySpan<byte> bytes, int asked)
    {
        _read.Write(bytes);
        if (bytes.IsEmpty && asked > 0) Tell(whole: true);
        return bytes.Length;
    }

    private void Tell(bool whole)
    {
        if (_told) return;
        _told = true;
        done(_read.ToArray(), whole);
    }
}
