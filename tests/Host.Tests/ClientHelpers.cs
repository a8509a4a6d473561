using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What clients build on top of the API: loops of tools, answers read into types, events of streams.</summary>
public sealed class ClientHelpers : IAsyncLifetime
{
    /// <summary>Knows tools in Hermes's way, and no reasoning.</summary>
    private const string Template = """
        {%- if tools %}<|user|>{% for tool in tools %}{{ tool | tojson }}{% endfor %}Write <tool_call>.{% endif %}
        {%- for m in messages %}
        {%- if m.role == 'assistant' %}<|assistant|>{{ m.content or '' }}
        {%- for c in m.tool_calls or [] %}{{ c.function.name }}({{ c.function.arguments | tojson }}){% endfor %}<|end|>
        {%- else %}<|user|>{{ m.role }}: {{ m.content }}<|end|>
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}<|assistant|>{% endif %}
        """;

    private const string ToolResult = "tool: ";

    private static readonly ChatMessage[] Anything = [new UserChatMessage("Anything.")];

    private ScriptedServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ChatClient Client => new(ScriptedServer.Model, new ApiKeyCredential("unused"), Recording.Sdk(_server.Address));

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync(Template);
        _server.Says(Answer);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public Task The_npm_client_loops_over_tools_parses_and_follows_streams() =>
        OfficialNodeClient.RunAsync("helpers.mjs", _server.Address, ScriptedServer.Model);

    [Fact]
    public Task The_ai_sdk_loops_over_tools_and_makes_objects() =>
        OfficialNodeClient.RunAsync("ai-sdk.mjs", _server.Address, ScriptedServer.Model);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_nuget_client_loops_over_tools(bool stream)
    {
        var options = new ChatCompletionOptions { AllowParallelToolCalls = false, Tools = { WeatherTool } };
        List<ChatMessage> messages = [new UserChatMessage("Weather?")];
        var finish = ChatFinishReason.ToolCalls;
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Equal(ChatFinishReason.ToolCalls, finish);
            var (text, calls, ended) = stream ? await StreamedAsync(messages, options) : await WholeAsync(messages, options);
            finish = ended;
            messages.Add(calls.Count > 0 ? new AssistantChatMessage(calls) : new AssistantChatMessage(text));
            foreach (var call in calls)
            {
                Assert.Equal("get_weather", call.FunctionName);
                var arguments = JsonDocument.Parse(call.FunctionArguments).RootElement;
                messages.Add(new ToolChatMessage(call.Id, $"{arguments.GetProperty("days").GetArrayLength()} days of rain in {arguments.GetProperty("city").GetString()}"));
            }
        }

        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Equal(["UserChatMessage", "AssistantChatMessage", "ToolChatMessage", "AssistantChatMessage"], messages.Select(message => message.GetType().Name));
        Assert.Equal("It says: 2 days of rain in Zürich", messages[^1].Content[0].Text);
    }

    [Fact]
    public async Task The_nuget_client_gets_objects_of_its_schema()
    {
        const string schema = """
            {"type": "object", "additionalProperties": false, "required": ["name", "kind"], "properties": {
              "name": {"type": "string", "maxLength": 6}, "kind": {"enum": ["town", "lake"]}}}
            """;
        var options = new ChatCompletionOptions
        {
            Temperature = 0,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("place", BinaryData.FromString(schema), jsonSchemaIsStrict: true),
        };
        var (whole, _, finish) = await WholeAsync(Anything, options);
        var place = JsonDocument.Parse(whole).RootElement;
        Assert.Equal(["name", "kind"], place.EnumerateObject().Select(field => field.Name));
        Assert.InRange(place.GetProperty("name").GetString()!.EnumerateRunes().Count(), 0, 6);
        Assert.Contains(place.GetProperty("kind").GetString(), new[] { "town", "lake" });
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Equal(whole, (await StreamedAsync(Anything, options)).Text);
    }

    [Fact]
    public async Task The_nuget_client_reads_logprobs()
    {
        var hello = new[] { new UserChatMessage("Say hello.") };
        var options = new ChatCompletionOptions { IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };
        ChatCompletion whole = await Client.CompleteChatAsync(hello, options, Stop);
        var streamed = new List<ChatTokenLogProbabilityDetails>();
        await foreach (var update in Client.CompleteChatStreamingAsync(hello, options, Stop)) streamed.AddRange(update.ContentTokenLogProbabilities);

        foreach (var tokens in new[] { whole.ContentTokenLogProbabilities, streamed })
        {
            Assert.Equal("Hello, world.", Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.Utf8Bytes!.Value.ToArray())]));
            Assert.All(tokens, token =>
            {
                Assert.Equal(3, token.TopLogProbabilities.Count);
                Assert.Equal((token.Token, token.LogProbability), (token.TopLogProbabilities[0].Token, token.TopLogProbabilities[0].LogProbability));
                Assert.True(token.LogProbability is > -0.01f and <= 0);
                Assert.True(token.TopLogProbabilities[1].LogProbability < token.LogProbability);
            });
        }
    }

    private static ChatTool WeatherTool => ChatTool.CreateFunctionTool("get_weather", "Tells the weather.", BinaryData.FromString("""
        {"type": "object", "additionalProperties": false, "required": ["city", "days"], "properties": {
          "city": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}}}}
        """), functionSchemaIsStrict: true);

    private async Task<(string Text, List<ChatToolCall> Calls, ChatFinishReason Finish)> WholeAsync(
        IEnumerable<ChatMessage> messages, ChatCompletionOptions options)
    {
        ChatCompletion answer = await Client.CompleteChatAsync(messages, options, Stop);
        return (string.Concat(answer.Content.Select(part => part.Text)), [.. answer.ToolCalls], answer.FinishReason);
    }

    /// <summary>Put together from updates as the client's own documents do it: by index, the id and the name where they come.</summary>
    private async Task<(string Text, List<ChatToolCall> Calls, ChatFinishReason Finish)> StreamedAsync(
        IEnumerable<ChatMessage> messages, ChatCompletionOptions options)
    {
        var text = "";
        var calls = new SortedDictionary<int, (string Id, string Name, string Arguments)>();
        ChatFinishReason? finish = null;
        await foreach (var update in Client.CompleteChatStreamingAsync(messages, options, Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            foreach (var call in update.ToolCallUpdates)
            {
                var (id, name, arguments) = calls.GetValueOrDefault(call.Index, ("", "", ""));
                calls[call.Index] = (id + call.ToolCallId, name + call.FunctionName, arguments + call.FunctionArgumentsUpdate);
            }

            finish ??= update.FinishReason;
        }

        return (text, [.. calls.Values.Select(call => ChatToolCall.CreateFunctionToolCall(call.Id, call.Name, BinaryData.FromString(call.Arguments)))], finish!.Value);
    }

    /// <summary>A call where the weather is asked for, the result once it is there, a greeting, or anything (null).</summary>
    private static string? Answer(string prompt)
    {
        var result = prompt.LastIndexOf(ToolResult, StringComparison.Ordinal);
        if (result >= 0) return "It says: " + prompt[(result + ToolResult.Length)..];
        if (prompt.Contains("user: Weather?", StringComparison.Ordinal))
            return "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": [1, 2]}}\n</tool_call>";
        return prompt.Contains("user: Say hello.", StringComparison.Ordinal) ? "Hello, world." : null;
    }
}
