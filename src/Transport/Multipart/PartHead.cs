namespace StreamCore.Transport.Multipart;

/// <summary>What the header fields of a part say.</summary>
internal sealed record PartHead(string Name, string? FileName, string? ContentType);
