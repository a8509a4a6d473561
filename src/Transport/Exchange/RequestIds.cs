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
    private static byte[]? t_drawn;

    [ThreadStatic]
    private static int t_left;

    /// <summary><c>req_</c> and 128 random bits in hexadecimal, as OpenAI's look.</summary>
    public static string Next()
    {
        var drawn = t_drawn ??= new byte[IdBytes * IdsPerDraw];
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(drawn);
            t_left = IdsPerDraw;
        }
        return string.Create(Prefix.Length + (IdBytes * 2), drawn.AsMemory(--t_left * IdBytes, IdBytes), static (text, bytes) =>
        {
            Prefix.CopyTo(text);
            Convert.TryToHexStringLower(bytes.Span, text[Prefix.Length..], out _);
        });
    }
}
