using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace StreamCore.LoadTests;

/// <summary>What one streamed chat gave.</summary>
/// <param name="CompletionTokens">As counted by the server's usage.</param>
internal sealed record ChatMeasure(TimeSpan TimeToFirstToken, TimeSpan Total, int PromptTokens, int CompletionTokens);

/// <summary>One streaming chat request against any OpenAI-compatible server.</summary>
internal static class ChatStream
{
    public static async Task<ChatMeasure> RunAsync(HttpClient http, string model, string prompt, int maxTokens, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model,
                messages = new[] { new { role = "user", content = prompt } },
                max_tokens = maxTokens,
                temperature = 0,
                stream = true,
                stream_options = new { include_usage = true },
            }),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"status {response.StatusCode}: " + await response.Content.ReadAsStringAsync(stop));

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        TimeSpan? first = null;
        int promptTokens = 0, completionTokens = 0;
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            using var chunk = JsonDocument.Parse(line.AsMemory(6));
            if (chunk.RootElement.TryGetProperty("error", out var error)) throw new HttpRequestException(error.GetRawText());
            if (first is null && HasContent(chunk.RootElement)) first = Stopwatch.GetElapsedTime(start);
            if (chunk.RootElement.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
            {
                promptTokens = usage.GetProperty("prompt_tokens").GetInt32();
                completionTokens = usage.GetProperty("completion_tokens").GetInt32();
            }
        }

        var total = Stopwatch.GetElapsedTime(start);
        return new ChatMeasure(first ?? total, total, promptTokens, completionTokens);
    }

    private static bool HasContent(JsonElement chunk) =>
        chunk.GetProperty("choices") is { ValueKind: JsonValueKind.Array } choices
        && choices.GetArrayLength() > 0
        && choices[0].TryGetProperty("delta", out var delta)
        && delta.TryGetProperty("content", out var content)
        && content.ValueKind == JsonValueKind.String
        && content.GetString()!.Length > 0;
}
