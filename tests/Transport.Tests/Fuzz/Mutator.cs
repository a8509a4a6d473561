using System.Text;

namespace StreamCore.Transport.Tests.Fuzz;

/// <summary>Makes new inputs of known ones: cut, repeated, spliced, and sprinkled with what the parsers look for.</summary>
internal sealed class Mutator(byte[][] corpus, Random random)
{
    private const int MaxBytes = 2048;
    private const int MaxMutations = 6;

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\r\n", "\r", "\n", "\r\n\r\n", "\0", " ", "\t", ":", ";", ",", "=", "\"", "\\", "%", "%0d%0a", "\x7f", "\xff", "\xc3\xa4",
            "GET / HTTP/1.1\r\n", "POST /?q=%20 HTTP/1.0\r\n", "Host: h\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n",
            "Connection: close\r\n", "Expect: 100-continue\r\n", "0\r\n\r\n", "3\r\nabc\r\n", "7fffffffffffffff", "000000000000003", "-1",
            "--b\r\n", "\r\n--b", "--b--", "\r\n--", "Content-Disposition: form-data; name=\"a\"\r\n", "; filename=\"a\\b\"", "; filename*=utf-8''%e4",
            "boundary=", "multipart/form-data",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public byte[] Next()
    {
        var input = Pick(corpus);
        for (var left = random.Next(1, MaxMutations + 1); left > 0; left--) input = Mutate(input);
        return input.Length <= MaxBytes ? input : input[..MaxBytes];
    }

    private byte[] Mutate(byte[] input)
    {
        var from = random.Next(input.Length + 1);
        var to = Math.Min(input.Length, from + random.Next(1, 17));
        return random.Next(8) switch
        {
            0 => [.. input[..from], (byte)random.Next(256), .. input[to..]],
            1 => [.. input[..from], .. input[to..]],
            2 => [.. input[..to], .. input[from..]],
            3 => input[..from],
            4 => [.. input[..from], .. Tail(Pick(corpus))],
            5 => [.. input[..from], .. Enumerable.Repeat((byte)"a0 \r\n\"-"[random.Next(7)], random.Next(1, 100)), .. input[from..]],
            6 => Flip(input),
            _ => [.. input[..from], .. Pick(Words), .. input[from..]],
        };
    }

    private byte[] Flip(byte[] input)
    {
        if (input.Length == 0) return input;
        var flipped = input.ToArray();
        flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private byte[] Tail(byte[] input) => input[random.Next(input.Length + 1)..];

    private byte[] Pick(byte[][] from) => from[random.Next(from.Length)];
}
