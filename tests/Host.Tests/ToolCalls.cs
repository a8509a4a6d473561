using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenAI.Chat;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What a model writes as markup, a client gets as calls and reasoning: the same streamed and whole.</summary>
public sealed class ToolCalls : IAsyncLifetime
{
    private const string TwoCalls =
        "<think>\nTwo cities.\n</think>\n\nI look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich }\\\"\", \"days\": [1, 2]}}\n</tool_call>\n"
        + "<tool_call>\n{\"name\": \"get_time\", \"arguments\": {}}\n</tool_call>";

    private const string Weather = """{"city": "Zürich }\"", "days": [1, 2]}""";

    private static readonly object[] Tools = [Tool("get_weather"), Tool("get_time")];

    private ScriptedServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, string, string, string, string> Answers() => new()
    {
        { TwoCalls, "I look.", "Two cities.", $"get_weather {Weather}\nget_time {{}}", "tool_calls" },
        { "Hello <b>.", "Hello <b>.", "", "", "stop" },
        { "Write <tool_call> first.", "Write <tool_call> first.", "", "", "stop" },
        { "<tool_call>{\"name\":\"get_rich\",\"arguments\":{}}</tool_call>", "<tool_call>{\"name\":\"get_rich\",\"arguments\":{}}</tool_call>", "", "", "stop" },
        { "<tool_call>{\"name\":\"get_time\",\"arguments\":{\"a\":", "", "", "get_time {\"a\":", "tool_calls" },
        { "<think>So", "", "So", "", "stop" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_is_taken_apart_streamed_and_whole_alike(string says, string content, string reasoning, string calls, string finish)
    {
        _server.Says(says);
        var whole = await ChatAnswer.WholeAsync(_server.Http, Ask(stream: false), Stop);
        var streamed = await ChatAnswer.StreamedAsync(_server.Http, Ask(stream: true), Stop);
        Assert.Equal((content, reasoning, calls, finish), (whole.Content, whole.Reasoning, whole.Calls, whole.FinishReason));
        Assert.Equal(whole with { Usage = "" }, streamed with { Usage = "" });
        using var usage = JsonDocument.Parse(streamed.Usage);
        // A token a byte, the markers' too.
        var end = says.IndexOf("</think>", StringComparison.Ordinal) is var found and >= 0 ? found + "</think>".Length : says.Length;
        Assert.Equal(reasoning.Length == 0 ? 0 : end, usage.RootElement.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
    }

    [Fact]
    public async Task An_answer_cut_off_by_its_limit_says_so_and_keeps_its_call()
    {
        _server.Says(TwoCalls);
        var whole = await ChatAnswer.WholeAsync(_server.Http, Ask(stream: false, maxTokens: 110), Stop);
        var streamed = await ChatAnswer.StreamedAsync(_server.Http, Ask(stream: true, maxTokens: 110), Stop);
        Assert.Equal("length", whole.FinishReason);
        Assert.StartsWith("get_weather {\"city\"", whole.Calls, StringComparison.Ordinal);
        Assert.Equal(whole with { Usage = "" }, streamed with { Usage = "" });
    }

    [Fact]
    public async Task One_call_is_told_where_no_more_are_wanted()
    {
        _server.Says(TwoCalls);
        var body = new { model = ScriptedServer.Model, messages = Hello, tools = Tools, parallel_tool_calls = false, temperature = 0 };
        var whole = await ChatAnswer.WholeAsync(_server.Http, body, Stop);
        Assert.Equal(($"get_weather {Weather}", "tool_calls"), (whole.Calls, whole.FinishReason));
    }

    [Fact]
    public async Task Only_allowed_tools_are_shown_and_called()
    {
        _server.Says("<tool_call>{\"name\":\"get_time\",\"arguments\":{}}</tool_call>");
        var allowed = new { type = "allowed_tools", allowed_tools = new { mode = "auto", tools = new[] { new { type = "function", function = new { name = "get_weather" } } } } };
        var body = new { model = ScriptedServer.Model, messages = Hello, tools = Tools, tool_choice = allowed, temperature = 0 };
        var whole = await ChatAnswer.WholeAsync(_server.Http, body, Stop);
        Assert.Equal(("", "stop"), (whole.Calls, whole.FinishReason));
        Assert.Contains("get_weather", _server.Prompt, StringComparison.Ordinal);
        Assert.DoesNotContain("get_time", _server.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_tool_choice_none_the_model_hears_of_no_tools_and_calls_none()
    {
        _server.Says("<tool_call>{\"name\":\"get_time\",\"arguments\":{}}</tool_call>");
        var body = new { model = ScriptedServer.Model, messages = Hello, tools = Tools, tool_choice = "none", temperature = 0 };
        var whole = await ChatAnswer.WholeAsync(_server.Http, body, Stop);
        Assert.Equal(("", "stop"), (whole.Calls, whole.FinishReason));
        Assert.DoesNotContain("get_time", _server.Prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_asks_with_functions_is_answered_with_a_function_call(bool stream)
    {
        _server.Says(TwoCalls);
        var body = new { model = ScriptedServer.Model, messages = Hello, functions = new[] { new { name = "get_weather" } }, stream, temperature = 0 };
        string name = "", arguments = "", finish = "";
        foreach (var json in stream ? await RawHttp.StreamAsync(_server.Http, "v1/chat/completions", body, Stop) : [await PostAsync(body)])
        {
            if (json == "[DONE]") continue;
            var choice = JsonDocument.Parse(json).RootElement.GetProperty("choices")[0];
            var message = choice.GetProperty(stream ? "delta" : "message");
            Assert.False(message.TryGetProperty("tool_calls", out _));
            finish = choice.GetProperty("finish_reason").GetString() ?? "";
            if (!message.TryGetProperty("function_call", out var call)) continue;
            if (call.TryGetProperty("name", out var given)) name += given.GetString();
            arguments += call.GetProperty("arguments").GetString();
        }

        Assert.Equal(("get_weather", Weather, "function_call"), (name, arguments, finish));
    }

    [Fact]
    public async Task The_official_client_follows_calls_and_sends_results_back()
    {
        _server.Says(TwoCalls);
        var client = new ChatClient(ScriptedServer.Model, new ApiKeyCredential("unused"), Recording.Sdk(_server.Address));
        var options = new ChatCompletionOptions
        {
            Temperature = 0,
            Tools = { ChatTool.CreateFunctionTool("get_weather", "Tells the weather.", BinaryData.FromString("""{"type":"object","properties":{}}""")), ChatTool.CreateFunctionTool("get_time") },
        };
        List<ChatMessage> messages = [new UserChatMessage("Hello!")];
        ChatCompletion answer = await client.CompleteChatAsync(messages, options, Stop);
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        Assert.Equal(["get_weather", "get_time"], answer.ToolCalls.Select(call => call.FunctionName));
        Assert.Equal(Weather, answer.ToolCalls[0].FunctionArguments.ToString());

        var arguments = "";
        ChatFinishReason? finish = null;
        await foreach (var update in client.CompleteChatStreamingAsync(messages, options, Stop))
        {
            arguments += string.Concat(update.ToolCallUpdates.Where(call => call.Index == 0).Select(call => call.FunctionArgumentsUpdate.ToString()));
            finish ??= update.FinishReason;
        }

        Assert.Equal((Weather, ChatFinishReason.ToolCalls), (arguments, finish));

        messages.Add(new AssistantChatMessage(answer));
        messages.AddRange(answer.ToolCalls.Select(call => new ToolChatMessage(call.Id, "result of " + call.FunctionName)));
        _server.Says("Rain.");
        ChatCompletion last = await client.CompleteChatAsync(messages, options, Stop);
        Assert.Equal("Rain.", last.Content[0].Text);
        var (first, second) = (answer.ToolCalls[0].Id, answer.ToolCalls[1].Id);
        Assert.Contains($"I look.{first}=get_weather({Weather}){second}=get_time({{}})", _server.Prompt, StringComparison.Ordinal);
        Assert.Contains($"tool get_weather {first}: result of get_weather", _server.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_npm_client_follows_calls()
    {
        _server.Says(TwoCalls);
        await OfficialNodeClient.RunAsync("tools.mjs", _server.Address, ScriptedServer.Model);
    }

    [Fact]
    public async Task A_last_message_is_gone_on_with()
    {
        _server.Says("Hello there.");
        var messages = new[] { new { role = "user", content = "Hello!" }, new { role = "assistant", content = "Hello " } };
        var whole = await ChatAnswer.WholeAsync(
            _server.Http, new { model = ScriptedServer.Model, messages, continue_final_message = true, temperature = 0 }, Stop);
        Assert.Equal(("there.", "stop"), (whole.Content, whole.FinishReason));
        using var usage = JsonDocument.Parse(whole.Usage);
        // <|user|>user: Hello!<|end|><|assistant|>Hello, and its space; no more.
        Assert.Equal(1 + "user: Hello!".Length + 2 + "Hello ".Length, usage.RootElement.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Reasoning_may_be_turned_off_and_variables_set()
    {
        _server.Says("x");
        var plain = await PromptTokensAsync(new { model = ScriptedServer.Model, messages = Hello, max_tokens = 1 });
        var off = plain + "<think></think>".Length;
        Assert.Equal(off, await PromptTokensAsync(new { model = ScriptedServer.Model, messages = Hello, reasoning_effort = "none", max_tokens = 1 }));
        Assert.Equal(off, await PromptTokensAsync(new { model = ScriptedServer.Model, messages = Hello, chat_template_kwargs = new { enable_thinking = false }, max_tokens = 1 }));
        Assert.Equal("unsupported_value", await RefusedAsync(new { model = ScriptedServer.Model, messages = Hello, reasoning_effort = "high" }, "reasoning_effort"));
    }

    [Fact]
    public async Task A_model_whose_template_knows_no_tools_refuses_them()
    {
        await using var plain = await ScriptedServer.StartAsync("{% for m in messages %}{{ m.content }}{% endfor %}");
        Assert.Equal("tools_not_supported", await RefusedAsync(plain, new { model = ScriptedServer.Model, messages = Hello, tools = Tools }, "tools"));
        object[] called =
        [
            new { role = "assistant", tool_calls = new[] { new { id = "1", type = "function", function = new { name = "f", arguments = "{}" } } } },
            new { role = "tool", tool_call_id = "1", content = "x" },
        ];
        Assert.Equal("tools_not_supported", await RefusedAsync(plain, new { model = ScriptedServer.Model, messages = called }, "messages[0]"));
    }

    private static object[] Hello => [new { role = "user", content = "Hello!" }];

    private static object Tool(string name) => new { type = "function", function = new { name, parameters = new { type = "object" } } };

    private static object Ask(bool stream, int maxTokens = 400) => new Dictionary<string, object?>
    {
        ["model"] = ScriptedServer.Model,
        ["messages"] = Hello,
        ["tools"] = Tools,
        ["max_completion_tokens"] = maxTokens,
        ["temperature"] = 0,
        ["stream"] = stream,
        ["stream_options"] = stream ? new { include_usage = true } : null,
    };

    private async Task<string> PostAsync(object body)
    {
        using var response = await _server.Http.PostAsJsonAsync("v1/chat/completions", body, Stop);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private async Task<int> PromptTokensAsync(object body)
    {
        using var usage = JsonDocument.Parse((await ChatAnswer.WholeAsync(_server.Http, body, Stop)).Usage);
        return usage.RootElement.GetProperty("prompt_tokens").GetInt32();
    }

    /// <summary>The code of a 400 about this parameter.</summary>
    private Task<string?> RefusedAsync(object body, string param) => RefusedAsync(_server, body, param);

    private static async Task<string?> RefusedAsync(ScriptedServer server, object body, string param)
    {
        using var response = await server.Http.PostAsJsonAsync("v1/chat/completions", body, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
        return error.GetProperty("code").GetString();
    }
}
