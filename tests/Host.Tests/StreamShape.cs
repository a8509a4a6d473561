using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Every chunk of every stream has the fields that strict clients ask for.</summary>
public class StreamShape(ServerFixture server)
{
    [Theory]
    [InlineData("v1/chat/completions")]
    [InlineData("chat/completions")]
    public async Task Chat_chunks_are_complete_and_end_with_done(string path)
    {
        using var http = Recording.Client(server.Address);
        var events = await RawHttp.StreamAsync(http, path, RawHttp.Chat("Hello!", stream: true), TestContext.Current.CancellationToken);

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement).ToArray();
        foreach (var chunk in chunks)
        {
            Assert.StartsWith("chatcmpl-", chunk.GetProperty("id").GetString());
            Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString());
            Assert.True(chunk.GetProperty("created").GetInt64() > 1_700_000_000);
            Assert.Equal(ServerFixture.Model, chunk.GetProperty("model").GetString());
            var choice = Assert.Single(chunk.GetProperty("choices").EnumerateArray());
            Assert.Equal(0, choice.GetProperty("index").GetInt32());
            Assert.Equal(JsonValueKind.Object, choice.GetProperty("delta").ValueKind);
            Assert.True(choice.TryGetProperty("finish_reason", out _));
            Assert.False(chunk.TryGetProperty("usage", out _)); // only when asked
        }

        var choices = chunks.Select(chunk => chunk.GetProperty("choices")[0]).ToArray();
        Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.All(choices.Skip(1), choice => Assert.False(choice.GetProperty("delta").TryGetProperty("role", out _)));
        Assert.All(choices.SkipLast(1), choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
        Assert.Empty(choices[^1].GetProperty("delta").EnumerateObject());
        Assert.Contains(choices[^1].GetProperty("finish_reason").GetString(), new[] { "stop", "length" });
        Assert.Single(chunks.Select(chunk => (chunk.GetProperty("id").GetString(), chunk.GetProperty("created").GetInt64())).Distinct());
    }

    [Theory]
    [InlineData("tomatoes")]
    [InlineData("o")]
    public async Task A_stop_string_never_shows(string stopText)
    {
        using var http = Recording.Client(server.Address);
        var stop = TestContext.Current.CancellationToken;
        var body = new
        {
            model = ServerFixture.Model,
            messages = new[] { new { role = "user", content = "What are you?" } },
            temperature = 0,
            stop = stopText,
            stream = true,
        };
        var text = RawHttp.Text(await RawHttp.StreamAsync(http, "v1/chat/completions", body, stop));
        Assert.DoesNotContain(stopText, text, StringComparison.Ordinal);
    }
}
