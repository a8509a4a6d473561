using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Parsing;

public sealed class RequestParserTests
{
    private const string After = "GET /next";

    public static TheoryData<string, string> Good => new(Heads.Good.Select(static g => (g.Head, g.Understood)));

    public static TheoryData<string, HttpRejection> Bad => new(Heads.Bad.Select(static b => (b.Head, b.Rejection)));

    [Theory, MemberData(nameof(Good))]
    public void A_good_head_is_understood_however_it_arrives_and_what_follows_is_left(string head, string understood)
    {
        foreach (var parts in ByteSplits.Of(Encoding.Latin1.GetBytes(head + After)))
            Assert.Equal((understood, After), Read(parts));
    }

    [Theory, MemberData(nameof(Good))]
    public void A_head_cut_short_anywhere_is_not_taken_for_whole(string head, string understood)
    {
        Assert.NotEmpty(understood);
        for (var length = 0; length < head.Length; length++)
            Assert.Null(Read([Encoding.Latin1.GetBytes(head[..length])]).Result);
    }

    [Theory, MemberData(nameof(Bad))]
    public void A_bad_head_is_refused_for_the_same_reason_however_it_arrives(string head, HttpRejection rejection)
    {
        foreach (var parts in ByteSplits.Of(Encoding.Latin1.GetBytes(head)))
            Assert.Equal(rejection.ToString(), Read(parts).Result);
    }

    [Fact]
    public void Limits_hold_at_their_edge_however_the_bytes_arrive()
    {
        var options = new TransportOptions { MaxHeadBytes = 300, MaxTargetBytes = 100, MaxHeaderCount = 3 };
        var target = "/" + new string('a', 99);
        AssertReads(options, "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n", "GET " + target + " ? h");
        AssertReads(options, "GET " + target + "a HTTP/1.1\r\nHost: h\r\n\r\n", "TargetTooLong");
        AssertReads(options, new string('a', 165), "TargetTooLong");
        AssertReads(options, "GET / HTTP/1.1\r\nHost: h\r\nA: \r\nB:\r\n\r\n", "GET / ? h");
        AssertReads(options, "GET / HTTP/1.1\r\nHost: h\r\nA: \r\nB:\r\nC:\r\n\r\n", "TooManyHeaders");

        const string start = "GET / HTTP/1.1\r\nHost: h\r\nA:";
        AssertReads(options, start + new string('a', 300 - start.Length - 4) + "\r\n\r\n", "GET / ? h");
        AssertReads(options, start + new string('a', 301 - start.Length - 4) + "\r\n\r\n", "HeadTooLarge");
        AssertReads(options, start + new string('a', 301 - start.Length), "HeadTooLarge");
    }

    [Fact]
    public void Fields_are_found_without_regard_to_case_and_repeated_ones_joined()
    {
        var parser = new RequestParser(new TransportOptions());
        var bytes = Encoding.Latin1.GetBytes("GET /?a=b%20c+d&e&a=2 HTTP/1.1\r\nHost: h\r\nAccept: a\r\naccept:\tb \r\n\r\n");
        Assert.Equal(ParseStatus.Done, parser.Parse(new(bytes), out _, out _));
        var head = parser.TakeHead();

        Assert.Equal("a, b", head.Header("ACCEPT"));
        Assert.Null(head.Header("Accep"));
        Assert.True(head.Headers.Contains("host"));
        Assert.Equal(["Host=h", "Accept=a", "accept=b"], head.Headers.Select(static h => h.Key + "=" + h.Value));
        Assert.True(head.TryGetQuery("a", out var a));
        Assert.Equal("b c d", a);
        Assert.True(head.TryGetQuery("e", out var e));
        Assert.Equal("", e);
        Assert.False(head.TryGetQuery("x", out _));
    }

    private static void AssertReads(TransportOptions options, string head, string result)
    {
        foreach (var parts in ByteSplits.Of(Encoding.Latin1.GetBytes(head))) Assert.Equal(result, Read(parts, options).Result);
    }

    /// <summary>Feeds the parts one after the other, as a pipe would: what was not consumed comes again.</summary>
    private static (string? Result, string Left) Read(byte[][] parts, TransportOptions? options = null)
    {
        var parser = new RequestParser(options ?? new());
        var unread = new List<byte[]>();
        string? result = null;
        foreach (var part in parts)
        {
            unread.Add(part);
            if (result is not null) continue;
            var buffer = ByteSplits.Join(unread);
            var status = parser.Parse(buffer, out var consumed, out var rejection);
            unread = [.. Segments(buffer.Slice(consumed))];
            if (status == ParseStatus.Rejected) return (rejection.ToString(), "");
            if (status == ParseStatus.Done) result = Understood(parser.TakeHead());
        }
        return (result, string.Concat(unread.Select(Encoding.Latin1.GetString)));
    }

    private static IEnumerable<byte[]> Segments(System.Buffers.ReadOnlySequence<byte> sequence)
    {
        foreach (var segment in sequence) yield return segment.ToArray();
    }

    private static string Understood(RequestHead head)
    {
        var rejection = RequestFraming.TryRead(head, out _);
        return rejection == HttpRejection.None ? $"{head.Method} {head.Path} ?{head.RawQuery} {head.Authority}" : rejection.ToString();
    }
}
