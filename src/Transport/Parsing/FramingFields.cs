namespace StreamCore.Transport.Parsing;

/// <summary>Collects the few header fields that frame a message.</summary>
internal struct FramingFields
{
    public int Hosts;
    public long? Length;
    public bool Chunked;
    public bool Close;
    public bool KeepAlive;
    public bool ExpectsContinue;

    public HttpRejection Collect(HeaderBlock headers)
    {
        var rejection = HttpRejection.None;
        for (var i = 0; i < headers.Count && rejection == HttpRejection.None; i++)
        {
            var name = headers.Name(i);
            var value = headers.Value(i);
            if (FieldSyntax.Equal(name, "host"u8)) rejection = TakeHost(value);
            else if (FieldSyntax.Equal(name, "content-length"u8)) rejection = TakeLength(value);
            else if (FieldSyntax.Equal(name, "transfer-encoding"u8)) rejection = TakeCodings(value);
            else if (FieldSyntax.Equal(name, "connection"u8)) TakeConnection(value);
            else if (FieldSyntax.Equal(name, "expect"u8)) rejection = TakeExpectation(value);
        }
        return rejection;
    }

    private HttpRejection TakeHost(ReadOnlySpan<byte> value)
    {
        if (++Hosts > 1) return HttpRejection.DuplicateHost;
        return HostSyntax.IsValid(value) ? HttpRejection.None : HttpRejection.InvalidHost;
    }

    /// <summary>Even equal lengths are refused when given twice: one of them came from somebody else.</summary>
    private HttpRejection TakeLength(ReadOnlySpan<byte> value)
    {
        if (Length is not null) return HttpRejection.DuplicateContentLength;
        var rejection = RequestFraming.TryReadLength(value, out var length);
        Length = length;
        return rejection;
    }

    /// <summary>RFC 9112 §6.1: chunked must be last and once; other codings before it are valid but unknown here.</summary>
    private HttpRejection TakeCodings(ReadOnlySpan<byte> value)
    {
        if (Chunked) return HttpRejection.InvalidTransferEncoding;
        var others = false;
        while (FieldSyntax.TryNextMember(ref value, out var coding))
        {
            if (Chunked) return HttpRejection.InvalidTransferEncoding;
            Chunked = FieldSyntax.Equal(coding, "chunked"u8);
            others |= !Chunked;
        }
        if (!Chunked) return HttpRejection.InvalidTransferEncoding;
        return others ? HttpRejection.UnknownTransferCoding : HttpRejection.None;
    }

    private void TakeConnection(ReadOnlySpan<byte> value)
    {
        while (FieldSyntax.TryNextMember(ref value, out var option))
        {
            Close |= FieldSyntax.Equal(option, "close"u8);
            KeepAlive |= FieldSyntax.Equal(option, "keep-alive"u8);
        }
    }

    private HttpRejection TakeExpectation(ReadOnlySpan<byte> value)
    {
        ExpectsContinue = FieldSyntax.Equal(value, "100-continue"u8);
        return ExpectsContinue ? HttpRejection.None : HttpRejection.UnknownExpectation;
    }
}
