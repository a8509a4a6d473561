using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The official NuGet client against a real server on loopback.</summary>
public class OfficialDotNetClient(ServerFixture server)
{
    private static readonly ChatMessage[] Hello = [new UserChatMessage("Hello!")];
    private static readonly ChatCompletionOptions Greedy = new() { Temperature = 0, MaxOutputTokenCount = 24 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private OpenAIClientOptions Options => Recording.Sdk(server.Address);

    private ChatClient Chat(string model = ServerFixture.Model) => new(model, new ApiKeyCredential("unused"), Options);

    [Fact]
    public async Task A_chat_is_answered_with_usage()
    {
        ChatCompletion answer = await Chat().CompleteChatAsync(Hello, Greedy, Stop);
        Assert.NotEmpty(answer.Content[0].Text);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.Equal(ServerFixture.Model, answer.Model);
        Assert.True(answer.Usage.InputTokenCount > 0);
        Assert.Equal(answer.Usage.TotalTokenCount, answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task A_streamed_chat_gives_the_same_text_and_usage_as_a_whole_one()
    {
        ChatCompletion whole = await Chat().CompleteChatAsync(Hello, Greedy, Stop);
        var text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync(Hello, Greedy, Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage ??= update.Usage;
            finish ??= update.FinishReason;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.FinishReason, finish);
        Assert.Equal(whole.Usage.OutputTokenCount, usage?.OutputTokenCount);
        Assert.Equal(whole.Usage.InputTokenCount, usage?.InputTokenCount);
    }

    [Fact]
    public async Task Models_are_listed_and_found()
    {
        var models = new OpenAIModelClient(new ApiKeyCredential("unused"), Options);
        var list = await models.GetModelsAsync(Stop);
        Assert.Contains(list.Value, model => model.Id == ServerFixture.Model);
        var one = await models.GetModelAsync(ServerFixture.Model, Stop);
        Assert.Equal(ServerFixture.Model, one.Value.Id);
    }

    [Fact]
    public async Task An_unknown_model_is_404()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(() => Chat("gpt-none").CompleteChatAsync(Hello, Greedy, Stop));
        Assert.Equal(404, fault.Status);
        Assert.Contains("gpt-none", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_out_of_range_is_400()
    {
        var fault = await Assert.ThrowsAsync<ClientResultException>(
            () => Chat().CompleteChatAsync(Hello, new ChatCompletionOptions { Temperature = 9 }, Stop));
        Assert.Equal(400, fault.Status);
        Assert.Contains("temperature", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_can_be_left_in_the_middle()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            var options = new ChatCompletionOptions { MaxOutputTokenCount = 200 };
            await foreach (var update in Chat().CompleteChatStreamingAsync(Hello, options, leave.Token))
            {
                Assert.NotNull(update.CompletionId);
                if (++seen == 3) await leave.CancelAsync();
            }
        });
        Assert.Equal(3, seen);
    }
}
