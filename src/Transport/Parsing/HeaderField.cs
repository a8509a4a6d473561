namespace StreamCore.Transport.Parsing;

/// <summary>Where a field's name and value lie in the bytes of its head.</summary>
internal readonly record struct HeaderField(Range Name, Range Value);
