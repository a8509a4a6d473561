using System.Text;
using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Prompts;

namespace StreamCore.LoadTests.Tests.Client;

public sealed class RequestBodyTests
{
    [Fact]
    public void A_chat_has_its_prefix_as_the_system_message() => Assert.Equal(
        """{"model":"m","messages":[{"role":"system","content":"house"},{"role":"user","content":"hello"}],"max_tokens":8,"temperature":0,"ignore_eos":true,"stream":true,"stream_options":{"include_usage":true}}""",
        Write(new("house", "hello", 8, Stream: true, null), chat: true, ignoreEos: true));

    [Fact]
    public void A_completion_begins_with_its_prefix() => Assert.Equal(
        """{"model":"m","prompt":"house\n\nhello","max_tokens":8,"temperature":0}""",
        Write(new("house", "hello", 8, Stream: false, null), chat: false, ignoreEos: false));

    private static string Write(PlannedRequest request, bool chat, bool ignoreEos) => Encoding.UTF8.GetString(RequestBody.Write(request, "m", chat, ignoreEos).Span);
}
