namespace StreamCore.Transport.Parsing;

/// <summary>The versions a request may have. A higher minor version is served as 1.1 (RFC 9110 §6.2).</summary>
public enum ProtocolVersion
{
    Http10,
    Http11,
}
