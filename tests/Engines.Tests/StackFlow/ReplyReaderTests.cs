using System.Buffers;
using System.Text;
using StreamCore.Engines.StackFlow.Wire;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Replies, however the network cuts and joins them.</summary>
public sealed class ReplyReaderTests
{
    /// <summary>Glued, with and without newlines, braces and quotes in strings, characters of several bytes, nested payloads.</summary>
    private const string Stream =
        """
        {"created":1,"data":{"delta":"a {\"b\\\\} 日本 😀\\","finish":false,"index":0},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"P","work_id":"llm.1002"}
        {"request_id": "0","work_id": "sys","created": 1795174601,"error":{"code":-1, "message":"reace reset"}}{"created":1,"data":"None","error":{"code":0,"message":""},"object":"None","request_id":"p1","work_id":"llm.1002"}

          {"created":1,"data":[{"mode":"m","mode_param":{"a":{}}}],"error":{"code":0,"message":""},"object":"sys.lsmode","request_id":"l","work_id":"sys"}{"error":{"code":-21,"message":"task full"},"request_id":"s3","work_id":"llm"}
        {"created":1,"data":{"delta":"","finish":true,"index":5},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"P","work_id":"llm.1002"}

        """;

    [Fact]
    public void Every_cut_gives_the_same_replies()
    {
        var bytes = Encoding.UTF8.GetBytes(Stream);
        foreach (var parts in ByteSplits.Of(bytes))
        {
            Assert.Equal(
                ["P|llm.1002|0|a {\"b\\\\} 日本 😀\\|False", "0|sys|-1||False", "p1|llm.1002|0|None|False", "l|sys|0||False", "s3|llm|-21||False", "P|llm.1002|0||True"],
                Read(parts).Select(reply => $"{reply.RequestId}|{reply.WorkId}|{reply.Code}|{reply.Text}|{reply.IsFinish}"));
        }
    }

    [Fact]
    public void A_payload_tells_what_it_is()
    {
        var replies = Read([Encoding.UTF8.GetBytes(Stream)]).ToArray();
        Assert.Equal([true, false, false, false, false, true], replies.Select(reply => reply.IsDelta));
        Assert.Equal([false, true, true, false, true, false], replies.Select(reply => reply.IsAcknowledgement));
        Assert.Equal("m", replies[3].Data[0].GetProperty("mode").GetString());
        Assert.Equal("reace reset", replies[1].Message);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("}")]
    [InlineData("{\"a\":}")]
    [InlineData("{a}")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"request_id\":\"\\ud83d\"}")]
    [InlineData("{\"request_id\":\"a\"} null")]
    public void What_is_no_reply_is_refused(string text) => Assert.Throws<InvalidDataException>(() => Read([Encoding.UTF8.GetBytes(text)]).ToArray());

    [Fact]
    public void A_string_that_is_not_utf8_is_refused() =>
        Assert.Throws<InvalidDataException>(() => Read([[.. "{\"request_id\":\""u8, 0xff, .. "\"}"u8]]).ToArray());

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"request_id\":7,\"work_id\":null,\"error\":\"none\",\"data\":{\"delta\":5,\"finish\":\"yes\"}}")]
    [InlineData("{\"error\":{\"code\":99999999999999,\"message\":3}}")]
    public void What_is_absent_or_of_another_type_is_empty(string text)
    {
        var reply = Assert.Single(Read([Encoding.UTF8.GetBytes(text)]));
        Assert.Equal(("", "", 0, "", null, false), (reply.RequestId, reply.WorkId, reply.Code, reply.Message, reply.Text, reply.IsFinish));
    }

    [Fact]
    public void A_reply_beyond_the_limit_is_refused_before_it_is_complete()
    {
        var reader = new ReplyReader(maxBytes: 100);
        var within = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("{\"data\":\"" + new string('a', 89) + "\"}{"));
        Assert.True(reader.TryRead(ref within, out _));
        Assert.False(reader.TryRead(ref within, out _));
        var beyond = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("{\"data\":\"" + new string('a', 92)));
        Assert.Throws<InvalidDataException>(() => reader.TryRead(ref beyond, out _));
    }

    [Fact]
    public void A_long_reply_in_small_pieces_is_looked_at_once()
    {
        // Byte for byte it would be quadratic, some 10^12 steps, if each piece were scanned with all before it.
        var text = "{\"data\":\"" + new string('a', 4 << 20) + "\",\"request_id\":\"r\"}";
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new ReplyReader();
        for (var length = 4096; ; length = Math.Min(length + 4096, bytes.Length))
        {
            var buffer = new ReadOnlySequence<byte>(bytes, 0, length);
            if (!reader.TryRead(ref buffer, out var reply)) continue;
            Assert.Equal("r", reply.RequestId);
            return;
        }
    }

    /// <summary>As a connection reads: what is left over stays at the head, and comes again as segments with what is new.</summary>
    private static IEnumerable<Reply> Read(byte[][] parts)
    {
        var reader = new ReplyReader();
        var kept = new List<byte[]>();
        foreach (var part in parts)
        {
            kept.Add(part);
            var buffer = ByteSplits.Join(kept);
            while (reader.TryRead(ref buffer, out var reply)) yield return reply;
            kept = [.. Segments(buffer)];
        }
    }

    private static IEnumerable<byte[]> Segments(ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer) yield return segment.ToArray();
    }
}
