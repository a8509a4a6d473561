using System.Buffers;

namespace StreamCore.Transport.Parsing;

/// <summary>The rule for Host and for the authority of an absolute target: a host and perhaps a port, no user (RFC 9110 §7.2, RFC 3986 §3.2.2).</summary>
internal static class HostSyntax
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "-._~%!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> AddressBytes = SearchValues.Create("0123456789ABCDEFabcdef:."u8);

    /// <summary>An empty host is valid in a Host field: the client had no authority to send.</summary>
    public static bool IsValid(ReadOnlySpan<byte> host)
    {
        if (!host.IsEmpty && host[0] == '[')
        {
            var close = host.IndexOf((byte)']');
            return close > 2 && !host[1..close].ContainsAnyExcept(AddressBytes) && IsPort(host[(close + 1)..]);
        }
        var colon = host.IndexOf((byte)':');
        var name = colon < 0 ? host : host[..colon];
        return !name.ContainsAnyExcept(NameBytes) && (colon < 0 || (colon > 0 && IsPort(host[colon..])));
    }

    private static bool IsPort(ReadOnlySpan<byte> port) =>
        port.IsEmpty || (port[0] == ':' && port.Length <= 6 && !port[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
}
