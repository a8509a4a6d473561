namespace StreamCore.Transport.Parsing;

/// <summary>Names a set of bytes by a rule instead of by listing it.</summary>
internal static class ByteSet
{
    public static byte[] Of(Func<byte, bool> contains) =>
        [.. Enumerable.Range(0, 256).Select(static b => (byte)b).Where(contains)];
}
