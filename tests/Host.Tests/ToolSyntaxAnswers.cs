using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Calls in the syntaxes of other families, found by their chat templates and told the same streamed and whole.</summary>
public sealed class ToolSyntaxAnswers
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<tool_call><function=name><parameter=key>",
        "Hm.\n<tool_call>\n<function=f>\n<parameter=s>\nsay \"hi\"\n</parameter>\n<parameter=n>\n2\n</parameter>\n</function>\n</tool_call>",
        "f {\"s\": \"say \\\"hi\\\"\", \"n\": 2}")]
    [InlineData("<tool_call><arg_key><arg_value>",
        "Hm.<tool_call>f\n<arg_key>n</arg_key>\n<arg_value>2</arg_value>\n</tool_call>", "f {\"n\": 2}")]
    [InlineData("[TOOL_CALLS]name[ARGS]", "Hm.[TOOL_CALLS]f[ARGS]{\"n\": 2}[TOOL_CALLS]f[ARGS]{}", "f {\"n\": 2}\nf {}")]
    [InlineData("<｜tool▁calls▁begin｜>```json",
        "Hm.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"n\": 2}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "f {\"n\": 2}")]
    [InlineData("<|tool_call|><|/tool_call|>", "Hm.<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"n\": 2}}]<|/tool_call|>", "f {\"n\": 2}")]
    public async Task Are_told_as_calls(string markup, string says, string calls)
    {
        await using var server = await ScriptedServer.StartAsync(
            "{% if tools %}{{ tools | tojson }}{% endif %}{# " + markup + " #}{% for m in messages %}{{ m.content }}{% endfor %}<|assistant|>");
        server.Says(says);
        var whole = await ChatAnswer.WholeAsync(server.Http, Ask(stream: false), Stop);
        Assert.Equal(("Hm.", calls, "tool_calls"), (whole.Content, whole.Calls, whole.FinishReason));
        Assert.Equal(whole with { Usage = "" }, await ChatAnswer.StreamedAsync(server.Http, Ask(stream: true), Stop) with { Usage = "" });
    }

    private static object Ask(bool stream) => new
    {
        model = ScriptedServer.Model,
        messages = new[] { new { role = "user", content = "Hello!" } },
        tools = new[]
        {
            new
            {
                type = "function",
                function = new { name = "f", parameters = new { type = "object", properties = new { s = new { type = "string" }, n = new { type = "integer" } } } },
            },
        },
        max_completion_tokens = 300,
        temperature = 0,
        stream,
    };
}
