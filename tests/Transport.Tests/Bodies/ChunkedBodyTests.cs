using System.Buffers;
using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Bodies;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Bodies;

public sealed class ChunkedBodyTests
{
    public static TheoryData<string, string> Good => new()
    {
        { "0\r\n\r\n", "" },
        { "3\r\nabc\r\n0\r\n\r\n", "abc" },
        { "A\r\n0123456789\r\n1\r\nx\r\n000\r\n\r\n", "0123456789x" },
        { "000000000000003\r\nabc\r\n0\r\n\r\n", "abc" },
        { "3;name=value;flag;q=\"a b\"\r\nabc\r\n0;last\r\n\r\n", "abc" },
        { "3 \t;x\r\nabc\r\n0\r\n\r\n", "abc" },
        { "2\r\n\r\n\r\n0\r\n\r\n", "\r\n" },
        { "1\r\na\r\n0\r\nX-Trailer: t\r\nOther:\r\n\r\n", "a" },
    };

    public static TheoryData<string, HttpRejection> Bad => new()
    {
        { "\r\n", HttpRejection.InvalidChunkSize },
        { "g\r\n", HttpRejection.InvalidChunkSize },
        { "-1\r\n", HttpRejection.InvalidChunkSize },
        { "+1\r\n", HttpRejection.InvalidChunkSize },
        { "0x1\r\n", HttpRejection.InvalidChunkSize },
        { " 1\r\n", HttpRejection.InvalidChunkSize },
        { "1 \r\n", HttpRejection.InvalidChunkSize },
        { "1 1\r\n", HttpRejection.InvalidChunkSize },
        { "1000000000000000\r\n", HttpRejection.InvalidChunkSize },
        { "fffffffffffffffff\r\n", HttpRejection.InvalidChunkSize },
        { "1\n", HttpRejection.BareLineFeed },
        { "1;a\rb\r\n", HttpRejection.InvalidChunkExtension },
        { "1;a\0\r\n", HttpRejection.InvalidChunkExtension },
        { "1;" + new string('a', 300) + "\r\n", HttpRejection.ChunkLineTooLong },
        { new string('0', 300), HttpRejection.ChunkLineTooLong },
        { "1\r\nab\r\n", HttpRejection.MissingChunkEnd },
        { "1\r\na\n", HttpRejection.MissingChunkEnd },
        { "1\r\na\r1", HttpRejection.MissingChunkEnd },
        { "0\r\nbad trailer\r\n\r\n", HttpRejection.InvalidTrailer },
        { "0\r\nX : y\r\n\r\n", HttpRejection.InvalidTrailer },
        { "0\r\nX: y\r\n z\r\n\r\n", HttpRejection.InvalidTrailer },
        { "0\r\nX: y\n\r\n", HttpRejection.BareLineFeed },
        { "0\r\nX: " + new string('y', 16 * 1024), HttpRejection.TrailersTooLarge },
        { string.Concat(Enumerable.Repeat("1;" + new string('e', 200) + "\r\na\r\n", 90)), HttpRejection.ChunkLineTooLong },
    };

    [Theory, MemberData(nameof(Good))]
    public void A_good_body_is_read_however_it_arrives_and_what_follows_is_left(string body, string content)
    {
        const string after = "5\r\nGET /";
        foreach (var parts in ByteSplits.Of(Encoding.Latin1.GetBytes(body + after)))
            Assert.Equal((content, HttpRejection.None, true, after), Read(parts));
    }

    [Theory, MemberData(nameof(Good))]
    public void A_body_cut_short_anywhere_has_not_ended(string body, string content)
    {
        for (var length = 0; length < body.Length; length++)
        {
            var (read, rejection, done, _) = Read([Encoding.Latin1.GetBytes(body[..length])]);
            Assert.StartsWith(read, content);
            Assert.Equal((HttpRejection.None, false), (rejection, done));
        }
    }

    [Theory, MemberData(nameof(Bad))]
    public void A_bad_body_is_refused_for_the_same_reason_however_it_arrives(string body, HttpRejection expected)
    {
        var bytes = Encoding.Latin1.GetBytes(body);
        var splits = bytes.Length < 400 ? ByteSplits.Of(bytes) : [[bytes], [bytes[..(bytes.Length / 2)], bytes[(bytes.Length / 2)..]]];
        foreach (var parts in splits)
        {
            var (_, rejection, done, _) = Read(parts);
            Assert.Equal((expected, false), (rejection, done));
        }
    }

    private static (string Content, HttpRejection Rejection, bool Done, string Left) Read(byte[][] parts)
    {
        var decoder = new ChunkedBody();
        var unread = ReadOnlySequence<byte>.Empty;
        var content = "";
        foreach (var part in parts)
        {
            unread = ByteSplits.Join([.. Segments(unread), part]);
            while (!decoder.IsDone)
            {
                var rejection = decoder.Decode(unread, out var piece, out var consumed);
                content += Encoding.Latin1.GetString(piece);
                if (rejection != HttpRejection.None) return (content, rejection, decoder.IsDone, "");
                unread = unread.Slice(consumed);
                if (piece.IsEmpty) break;
            }
        }
        return (content, HttpRejection.None, decoder.IsDone, Encoding.Latin1.GetString(unread));
    }

    private static IEnumerable<byte[]> Segments(ReadOnlySequence<byte> sequence)
    {
        foreach (var segment in sequence) yield return segment.ToArray();
    }
}
