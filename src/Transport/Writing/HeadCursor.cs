using System.Text;

namespace StreamCore.Transport.Writing;

/// <summary>Fills a span from the front; the caller has computed that it is long enough.</summary>
internal ref struct HeadCursor(Span<byte> span)
{
    private readonly Span<byte> _span = span;

    public int Written { get; private set; }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_span[Written..]);
        Written += bytes.Length;
    }

    public void Text(ReadOnlySpan<char> ascii)
    {
        Encoding.ASCII.TryGetBytes(ascii, _span[Written..], out var count);
        Written += count;
    }

    public void Number(long value)
    {
        value.TryFormat(_span[Written..], out var count);
        Written += count;
    }

    public void Field(string name, string value)
    {
        Text(name);
        Bytes(": "u8);
        Text(value);
        Bytes("\r\n"u8);
    }
}
