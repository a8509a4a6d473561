using System.Net.Http.Json;
using System.Text.Json;
using StreamCore.LoadTests.Prompts;

namespace StreamCore.LoadTests.Client;

/// <summary>A model as its server lists it.</summary>
/// <param name="Format">Of its weights, where the server tells it: llama.cpp's does.</param>
internal sealed record ListedModel(string Id, string? Format);

/// <summary>What the driver asks a server before it measures.</summary>
internal static class ServerQuestions
{
    /// <summary>The first model that the server lists.</summary>
    /// <exception cref="UsageException">It cannot be asked, or lists none.</exception>
    public static async Task<ListedModel> FirstModelAsync(Uri server, string? key)
    {
        using var http = new HttpClient { BaseAddress = server };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        try
        {
            var models = await http.GetFromJsonAsync<JsonElement>("/v1/models");
            var first = models.GetProperty("data")[0];
            var format = first.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("ftype", out var type) ? type.ToString() : null;
            return new(first.GetProperty("id").GetString()!, format);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new UsageException($"{server} did not tell its models ({fault.Message}); is it running? Name one with --model.");
        }
    }

    /// <summary>A writer of prompts that knows the server's tokens, where the server has <c>/tokenize</c>.</summary>
    public static async Task<PromptWriter> PromptWriterAsync(OpenAiClient client)
    {
        // Behind other words, so that each is counted as in the middle of a text.
        const string before = "so it is";
        if (await CountAsync(client, before) is not { } alone) return PromptWriter.CountingWords;
        var words = new List<(string, int)>();
        foreach (var word in Words.All)
        {
            if (await CountAsync(client, $"{before} {word}") is not { } with || with <= alone) return PromptWriter.CountingWords;
            words.Add((word, with - alone));
        }

        return new(words, measured: true);
    }

    /// <summary>The text goes under both names that servers know it by.</summary>
    private static async Task<int?> CountAsync(OpenAiClient client, string text)
    {
        using var question = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { model = client.Model, content = text, prompt = text }));
        question.Headers.ContentType = new("application/json");
        using var response = await client.Http.PostAsync("/tokenize", question);
        if (!response.IsSuccessStatusCode) return null;
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return answer.TryGetProperty("tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Array ? tokens.GetArrayLength() : null;
    }
}
