using System.Text;
using StreamCore.Transport.Multipart;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Tests.Bodies;
using StreamCore.Transport.Tests.Multipart;
using StreamCore.Transport.Tests.Parsing;

namespace StreamCore.Transport.Tests.Fuzz;

/// <summary>Something that reads what strangers send, with the inputs to begin from: the tables of the parsers' own tests, and the files of its folder.</summary>
/// <param name="Read">What is understood of an input that comes in these pieces; limits are tight or wide.</param>
internal sealed record FuzzTarget(string Name, int InputCount, byte[][] Corpus, Func<byte[][], bool, string> Read)
{
    private const string Post = "POST /a%20b?c=d HTTP/1.1\r\nHost: h\r\n";

    public static readonly FuzzTarget[] All =
    [
        new("requests", 40_000, Inputs("requests", [
            .. Heads.Good.Select(static good => good.Head),
            .. Heads.Bad.Select(static bad => bad.Head),
            .. ChunkedBodyTests.Good.Select(static row => Post + "Transfer-Encoding: chunked\r\n\r\n" + row.Data.Item1 + "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            Post + "Content-Length: 5\r\n\r\nabcdeGET /next HTTP/1.0\r\n\r\n",
        ]), static (pieces, tight) => MessageReader.Read(pieces, tight
            ? new() { MaxHeadBytes = 256, MaxTargetBytes = 40, MaxHeaderCount = 4 }
            : new())),
        new("chunked", 40_000, Inputs("chunked", [
            .. ChunkedBodyTests.Good.Select(static row => row.Data.Item1),
            .. ChunkedBodyTests.Bad.Select(static row => row.Data.Item1).Where(static text => text.Length < 1000),
        ]), static (pieces, _) => MessageReader.ReadChunked(pieces)),
        new("forms", 40_000, Inputs("forms", [
            .. Forms.Good.Select(static good => good.Form),
            .. Forms.Bad.Select(static bad => bad.Form),
            .. Forms.Dispositions.Select(static each => Forms.File(each.Parameters, "1") + "--b--"),
        ]), static (pieces, tight) => Forms.Read(pieces, tight
            ? new() { MaxPartHeadBytes = 100, MaxFieldBytes = 8, MaxFileBytes = 12, MaxFileBytesInMemory = 12, MaxPartCount = 2, MaxTotalBytes = 300 }
            : new())),
        new("content-types", 40_000, Inputs("content-types", [
            Forms.Type, "Multipart/Form-Data ; charset=utf-8; BOUNDARY=\"a \\\"b:c\"", "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        ]), static (pieces, _) => ReadContentType(string.Concat(pieces.Select(Encoding.Latin1.GetString)))),
    ];

    private static byte[][] Inputs(string folder, IEnumerable<string> texts) => [.. texts.Select(Encoding.Latin1.GetBytes), .. CorpusFile.Of(folder)];

    private static string ReadContentType(string text)
    {
        var rejection = MultipartBoundary.TryRead(text, out var boundary);
        if (rejection != HttpRejection.None) return rejection.ToString();
        Assert.InRange(boundary.Length, 1, 70);
        return Encoding.Latin1.GetString(boundary);
    }
}
