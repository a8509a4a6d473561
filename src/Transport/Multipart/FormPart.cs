using System.Text;

namespace StreamCore.Transport.Multipart;

/// <summary>One field or file of a form. It belongs to its form, and is disposed with it.</summary>
public sealed class FormPart : IDisposable
{
    private readonly PartHead _head;
    private readonly PartStore _store;

    internal FormPart(PartHead head, PartStore store)
    {
        _head = head;
        _store = store;
    }

    public string Name => _head.Name;

    /// <summary>As the client calls it, without folders; null for a field. Any text may stand here: name no file by it.</summary>
    public string? FileName => _head.FileName;

    /// <summary>As the client says, with its parameters; null when it says nothing.</summary>
    public string? ContentType => _head.ContentType;

    public bool IsFile => FileName is not null;

    /// <summary>Bytes.</summary>
    public long Length => _store.Length;

    /// <summary>The value of a field; it is valid UTF-8. A file has none.</summary>
    public string Text => IsFile ? throw new InvalidOperationException("A file is read as a stream.") : Encoding.UTF8.GetString(_store.InMemory.Span);

    /// <summary>The content from its start, seekable. Several may be open at once; the caller disposes each, before the form.</summary>
    public Stream OpenRead() => _store.OpenRead();

    public void Dispose() => _store.Dispose();

    internal ReadOnlyMemory<byte> InMemory => _store.InMemory;

    internal ValueTask AppendAsync(ReadOnlyMemory<byte> bytes) => _store.AppendAsync(bytes);
}
