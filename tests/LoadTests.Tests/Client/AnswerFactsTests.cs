using System.Text;
using System.Text.Json;
using StreamCore.LoadTests.Client;

namespace StreamCore.LoadTests.Tests.Client;

public sealed class AnswerFactsTests
{
    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""", false, false)]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}""", true, false)]
    [InlineData("""{"choices":[{"index":0,"delta":{"reasoning_content":"a"}}]}""", true, false)]
    [InlineData("""{"choices":[{"index":0,"text":"a","finish_reason":"stop"}]}""", true, true)]
    [InlineData("""{"choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"length"}]}""", true, true)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":null}""", false, true)]
    [InlineData("""{"object":"text","content":"of nothing","choices":[]}""", false, false)]
    [InlineData("""{"choices":[{"delta":{"content":null}}],"timings":{"text":"no"}}""", false, false)]
    public void Text_and_end_are_seen(string json, bool hasText, bool finished) =>
        Assert.Equal(new AnswerFacts(hasText, finished, -1, -1, null), Read(json));

    [Fact]
    public void Usage_is_read_but_not_its_details() => Assert.Equal(
        new AnswerFacts(false, false, 12, 34, null),
        Read("""{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46,"prompt_tokens_details":{"cached_tokens":8}}}"""));

    [Theory]
    [InlineData("""{"error":{"message":"out of memory","type":"server_error"}}""", "out of memory")]
    [InlineData("""{"error":"plain"}""", "plain")]
    [InlineData("""{"error":null,"choices":[]}""", null)]
    public void An_error_is_told(string json, string? error) => Assert.Equal(error, Read(json).Error);

    [Fact]
    public void What_is_no_json_throws() => Assert.ThrowsAny<JsonException>(() => Read("{\"choices\":[{"));

    private static AnswerFacts Read(string json) => AnswerFacts.Read(Encoding.UTF8.GetBytes(json));
}
