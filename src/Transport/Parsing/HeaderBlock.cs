using System.Collections;
using System.Text;

namespace StreamCore.Transport.Parsing;

/// <summary>The header fields of a request, in the order received. Names compare without regard to case.</summary>
public sealed class HeaderBlock : IEnumerable<KeyValuePair<string, string>>
{
    private readonly byte[] _bytes;
    private readonly HeaderField[] _fields;

    internal HeaderBlock(byte[] bytes, HeaderField[] fields)
    {
        _bytes = bytes;
        _fields = fields;
    }

    public int Count => _fields.Length;

    public bool Contains(string name)
    {
        foreach (var field in _fields)
            if (Ascii.EqualsIgnoreCase(_bytes.AsSpan(field.Name), name)) return true;
        return false;
    }

    /// <summary>The value of a field, or null. Several lines of one name are joined by commas (RFC 9110 §5.3).</summary>
    public string? Find(string name)
    {
        string? found = null;
        for (var i = 0; i < _fields.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(Name(i), name)) continue;
            var value = Encoding.Latin1.GetString(Value(i));
            found = found is null ? value : found + ", " + value;
        }
        return found;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (var i = 0; i < _fields.Length; i++)
            yield return new(Encoding.ASCII.GetString(Name(i)), Encoding.Latin1.GetString(Value(i)));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ReadOnlySpan<byte> Name(int index) => _bytes.AsSpan(_fields[index].Name);

    internal ReadOnlySpan<byte> Value(int index) => _bytes.AsSpan(_fields[index].Value);
}
