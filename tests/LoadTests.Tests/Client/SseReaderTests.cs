using System.Text;
using StreamCore.LoadTests.Client;
using StreamCore.TestKit;

namespace StreamCore.LoadTests.Tests.Client;

public sealed class SseReaderTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "a|b")]
    [InlineData("data:a\n\n", "a")]
    [InlineData("data:  a\n\n", " a")]
    [InlineData(": keep-alive\n\ndata: a\n\n: another\n\n", "a")]
    [InlineData("event: error\nid: 7\ndata: a\nretry: 10\n\n", "a")]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData("data\n\ndata: b\n\n", "|b")]
    [InlineData("database: no\n\ndata: b\n\n", "b")]
    [InlineData("data: {\"text\":\"grün 🙂\"}\n\ndata: [DONE]\n\n", "{\"text\":\"grün 🙂\"}|[DONE]")]
    [InlineData("data: cut short\n", "")]
    public void Events_are_the_same_however_they_arrive(string stream, string expected)
    {
        foreach (var parts in ByteSplits.Of(Encoding.UTF8.GetBytes(stream))) Assert.Equal(expected, string.Join('|', Read(parts)));
    }

    private static List<string> Read(byte[][] parts)
    {
        var (reader, events) = (new SseReader(), new List<string>());
        foreach (var part in parts)
        {
            ReadOnlySpan<byte> rest = part;
            while (reader.TryRead(ref rest, out var data)) events.Add(Encoding.UTF8.GetString(data));
            Assert.True(rest.IsEmpty);
        }

        return events;
    }
}
