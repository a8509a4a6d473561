using System.ClientModel;
using System.Text.Json;
using OpenAI.Chat;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The built-in model itself, by the official client: it calls tools, goes on with their results, and answers in JSON.</summary>
public class DemoModelTools(ServerFixture server)
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "Get the weather in a city.",
        BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"""), true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ChatClient Client => new(ServerFixture.Model, new ApiKeyCredential("unused"), Recording.Sdk(server.Address));

    [Theory]
    [InlineData("What is the weather in Rome?", "Rome")]
    [InlineData("Tell me the weather in Madrid.", "Madrid")]
    public async Task A_question_becomes_a_call_and_its_result_an_answer(string question, string city)
    {
        var options = new ChatCompletionOptions { Temperature = 0, Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage(question)];

        ChatCompletion first = await Client.CompleteChatAsync(messages, options, Stop);
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        var call = Assert.Single(first.ToolCalls);
        Assert.Equal("get_weather", call.FunctionName);
        Assert.Equal(city, JsonDocument.Parse(call.FunctionArguments).RootElement.GetProperty("city").GetString());

        messages.Add(new AssistantChatMessage(first));
        messages.Add(new ToolChatMessage(call.Id, """{"temperature": 21, "condition": "sunny"}"""));
        ChatCompletion second = await Client.CompleteChatAsync(messages, options, Stop);
        Assert.Equal(ChatFinishReason.Stop, second.FinishReason);
        Assert.Contains("21", second.Content[0].Text, StringComparison.Ordinal);
        Assert.Contains("sunny", second.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_no_tool_is_for_is_answered()
    {
        var options = new ChatCompletionOptions { Temperature = 0, Tools = { Weather } };
        ChatCompletion answer = await Client.CompleteChatAsync([new UserChatMessage("What is the capital of France?")], options, Stop);
        Assert.Contains("Paris", answer.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Facts_fill_a_schema()
    {
        var format = ChatResponseFormat.CreateJsonSchemaFormat(
            "person",
            BinaryData.FromString("""{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}"""),
            jsonSchemaIsStrict: true);
        ChatCompletion answer = await Client.CompleteChatAsync(
            [new UserChatMessage("Anna is 34 years old and lives in Bern.")], new ChatCompletionOptions { Temperature = 0, ResponseFormat = format }, Stop);
        using var person = JsonDocument.Parse(answer.Content[0].Text);
        Assert.Equal("Anna", person.RootElement.GetProperty("name").GetString());
        Assert.Equal(34, person.RootElement.GetProperty("age").GetInt32());
    }
}
