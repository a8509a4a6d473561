using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;
using StreamCore.Protocol;
using StreamCore.Protocol.Templating;
using StreamCore.Scheduler;

namespace StreamCore.Micro;

/// <summary>What a prompt costs before it is queued: reading the request, the chat template, and the tokenizer.</summary>
internal static class PromptCosts
{
    private const int Calls = 1000;

    public static void Run(TextWriter output)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Text.md"));
        var body = Body(text);
        var model = Model();
        if (!ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out var request, out var refused)) throw new InvalidOperationException(refused.Message);
        if (!PromptApi.TryRender(model, request, DateTimeOffset.UnixEpoch, out var prompt, out refused)) throw new InvalidOperationException(refused.Message);

        output.WriteLine($"| 21 messages, {body.Length} bytes | p50 | p99 |");
        output.WriteLine("| --- | --- | --- |");
        Print("reading the request", () => ChatApi.TryParse(new ReadOnlySequence<byte>(body), ProtocolLimits.Default, out _, out _));
        Print("chat template", () => PromptApi.TryRender(model, request, DateTimeOffset.UnixEpoch, out _, out _));
        foreach (var (name, tokenizer) in Tokenizers())
            Print($"tokenizer, {name}: {tokenizer.Encode(prompt.Text, true).Length} tokens", () => tokenizer.Encode(prompt.Text, special: true));

        void Print(string name, Action work) => output.WriteLine($"| {name} | {Cost.Cells(Cost.Measure(Calls, _ => { }, _ => work()))} |");
    }

    /// <summary>A conversation: pieces of the text, from user and assistant in turn.</summary>
    private static byte[] Body(string text)
    {
        var messages = new JsonArray([.. Enumerable.Range(0, 21).Select(i =>
            new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = text.Substring(i * 200, 200) })]);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["model"] = "model", ["messages"] = messages });
    }

    private static PromptModel Model()
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "tokenizer_config.json")));
        return ChatTemplate.TryCompile(config.RootElement.GetProperty("chat_template").GetString()!, out var template, out var error)
            ? new PromptModel("model", template, null, null, PromptApi.DetectToolSyntax(template))
            : throw new InvalidOperationException(error);
    }

    private static IEnumerable<(string Name, ITokenizer Tokenizer)> Tokenizers()
    {
        yield return ("the built-in model's, 1,024", TokenizerLoader.Load(AppContext.BaseDirectory));
        var folder = Directory.CreateTempSubdirectory("streamcore-micro-").FullName;
        RandomTokenizer.Write(folder, 151_936, 32_768);
        yield return ("made up, 151,936", TokenizerLoader.Load(folder));
        Directory.Delete(folder, recursive: true);
    }
}
