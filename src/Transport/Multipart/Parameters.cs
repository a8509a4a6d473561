using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>Takes the parameters of a header field value apart: <c>*( OWS ";" OWS name "=" ( token / quoted-string ) )</c> (RFC 9110 §5.6.6).</summary>
internal ref struct Parameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>What follows is not a parameter.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>False at the end, and where the text is malformed. Empty parameters are skipped.</summary>
    public bool TryNext(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        _rest = FieldSyntax.Trim(_rest);
        if (_rest.IsEmpty) return false;
        if (_rest[0] != ';') return Malformed();
        _rest = _rest[1..].TrimStart(" \t;"u8);
        if (_rest.IsEmpty) return false;

        var equals = _rest.IndexOf((byte)'=');
        if (equals < 0 || !FieldSyntax.IsToken(_rest[..equals])) return Malformed();
        name = _rest[..equals];
        _rest = _rest[(equals + 1)..];
        return !_rest.IsEmpty && _rest[0] == '"' ? TakeQuoted(out value) : TakeToken(out value);
    }

    private bool TakeToken(out ReadOnlySpan<byte> value)
    {
        var end = _rest.IndexOfAny(" \t;"u8);
        value = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..];
        return FieldSyntax.IsToken(value) || Malformed();
    }

    /// <summary>
    /// Up to the closing quotation mark. A backslash escapes a quotation mark and itself, and otherwise stands for itself:
    /// some clients send Windows paths as they are.
    /// </summary>
    private bool TakeQuoted(out ReadOnlySpan<byte> value)
    {
        value = default;
        var text = new byte[_rest.Length];
        var length = 0;
        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '"')
            {
                value = text.AsSpan(0, length);
                _rest = _rest[(i + 1)..];
                return true;
            }
            if (_rest[i] == '\\' && i + 1 < _rest.Length && _rest[i + 1] is (byte)'"' or (byte)'\\') i++;
            text[length++] = _rest[i];
        }
        return Malformed();
    }

    private bool Malformed()
    {
        IsMalformed = true;
        return false;
    }
}
