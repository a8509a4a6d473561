using System.Security.Cryptography;

namespace StreamCore.Transport.Exchange;

/// <summary>Makes the ids by which a request is found again in logs.</summary>
internal static class RequestIds
{
    private const string Prefix = "req_";
    private const int IdBytes = 16;

    /// <summary>Random bytes are drawn for so many ids together: a draw took 1.6 of the 4.4 µs that a small request takes, however little is wanted.</summary>
    private const int IdsPerDraw = 64;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _left;

    /// <summary><c>req_</c> and 128 random bits in hexadecimal, as OpenAI's look.</summary>
    public static string Next()
    {
        var bytes = _drawn ??= new byte[IdBytes * IdsPerDraw];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(bytes);
            _left = IdsPerDraw;
        }
        return string.Create(Prefix.Length + (IdBytes * 2), bytes.AsMemory(--_left * IdBytes, IdBytes), static (text, id) =>
        {
            Prefix.CopyTo(text);
            Convert.TryToHexStringLower(id.Span, text[Prefix.Length..], out _);
        });
    }
}
