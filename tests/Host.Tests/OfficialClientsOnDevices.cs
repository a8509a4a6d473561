using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>The official clients, as they are, against a server whose models are on devices.</summary>
public sealed class OfficialClientsOnDevices : IAsyncLifetime
{
    private static readonly ChatMessage[] Hello = [new SystemChatMessage("Be kind."), new UserChatMessage("Say 30 words.")];

    private DeviceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private OpenAIClientOptions Options => Recording.Sdk(_server.Address);

    private ChatClient Chat(string model = DeviceServer.Model) => new(model, new ApiKeyCredential("unused"), Options);

    public async ValueTask InitializeAsync() => _server = await DeviceServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public Task The_npm_client_is_answered_as_it_expects() => OfficialNodeClient.RunAsync("openai.mjs", _server.Address, DeviceServer.Model);

    [Fact]
    public async Task The_nuget_client_chats_whole_and_streamed()
    {
        ChatCompletion whole = await Chat().CompleteChatAsync(Hello, cancellationToken: Stop);
        Assert.NotEmpty(whole.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal(whole.Usage.TotalTokenCount, whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount);
        var text = "";
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync(Hello, cancellationToken: Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage ??= update.Usage;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.Usage.InputTokenCount, usage?.InputTokenCount);
    }

    [Fact]
    public async Task The_nuget_client_lists_models_and_sees_errors()
    {
        var models = await new OpenAIModelClient(new ApiKeyCredential("unused"), Options).GetModelsAsync(Stop);
        Assert.Contains(models.Value, model => model.Id == DeviceServer.Thinker);
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => Chat("gpt-none").CompleteChatAsync(Hello, cancellationToken: Stop));
        Assert.Equal(404, unknown.Status);
        var tools = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("f") } };
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => Chat().CompleteChatAsync(Hello, tools, Stop));
        Assert.Equal(400, refused.Status);
        Assert.Contains("tools", refused.Message, StringComparison.Ordinal);
    }
}
