using System.Buffers;
using System.Text;

namespace StreamCore.Transport.Parsing;

/// <summary>The character rules of header fields (RFC 9110 §5.1, §5.5, §5.6).</summary>
internal static class FieldSyntax
{
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> ValueBytes = SearchValues.Create(ByteSet.Of(static b => b is (byte)'\t' or >= 0x20 and not 0x7F));

    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    public static bool IsValue(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(ValueBytes);

    /// <summary>Without optional whitespace around it.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes) => bytes.Trim(" \t"u8);

    /// <summary>Splits <c>name: value</c>. A space before the colon makes the name invalid (RFC 9112 §5.1).</summary>
    public static HttpRejection TrySplit(ReadOnlySpan<byte> line, out int nameLength, out Range value)
    {
        value = default;
        nameLength = line.IndexOf((byte)':');
        if (line[0] is (byte)' ' or (byte)'\t') return HttpRejection.FoldedHeader;
        if (nameLength <= 0 || !IsToken(line[..nameLength])) return HttpRejection.InvalidHeaderName;

        var start = nameLength + 1;
        var end = line.Length;
        while (start < end && line[start] is (byte)' ' or (byte)'\t') start++;
        while (end > start && line[end - 1] is (byte)' ' or (byte)'\t') end--;
        value = start..end;
        return IsValue(line[value]) ? HttpRejection.None : HttpRejection.InvalidHeaderValue;
    }

    /// <summary>Takes the first member off a comma-separated list; false at its end. Empty members are skipped (RFC 9110 §5.6.1).</summary>
    public static bool TryNextMember(ref ReadOnlySpan<byte> list, out ReadOnlySpan<byte> member)
    {
        while (!list.IsEmpty)
        {
            var comma = list.IndexOf((byte)',');
            member = Trim(comma < 0 ? list : list[..comma]);
            list = comma < 0 ? default : list[(comma + 1)..];
            if (!member.IsEmpty) return true;
        }
        member = default;
        return false;
    }

    public static bool Equal(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(bytes, name);
}
