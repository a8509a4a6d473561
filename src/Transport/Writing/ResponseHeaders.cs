using System.Text;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Writing;

/// <summary>Header fields the application adds to an answer. Framing, Date and x-request-id are Transport's own and refused here.</summary>
public sealed class ResponseHeaders
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Content-Type", "Date", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade", "x-request-id",
    };

    private readonly List<(string Name, string Value)> _fields = [];

    /// <summary>Adds one line. A name or value that would break the head is a bug of the caller.</summary>
    /// <exception cref="ArgumentException">The name is reserved or no token, or the value has characters outside printable ASCII.</exception>
    public void Add(string name, string value)
    {
        if (Reserved.Contains(name)) throw new ArgumentException($"{name} is set by Transport.", nameof(name));
        if (!Ascii.IsValid(name) || !FieldSyntax.IsToken(Encoding.ASCII.GetBytes(name))) throw new ArgumentException("Not a field name.", nameof(name));
        if (!Ascii.IsValid(value) || !FieldSyntax.IsValue(Encoding.ASCII.GetBytes(value))) throw new ArgumentException("Not a field value.", nameof(value));
        _fields.Add((name, value));
    }

    /// <summary>Whether a line of this name was added.</summary>
    public bool Contains(string name)
    {
        foreach (var field in _fields)
            if (string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Bytes of all lines with their ends.</summary>
    internal int Size
    {
        get
        {
            var size = 0;
            foreach (var (name, value) in _fields) size += name.Length + value.Length + 4;
            return size;
        }
    }

    internal void WriteTo(ref HeadCursor cursor)
    {
        foreach (var (name, value) in _fields) cursor.Field(name, value);
    }
}
