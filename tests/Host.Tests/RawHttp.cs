using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace StreamCore.Host.Tests;

/// <summary>Requests as plain HTTP, for what the SDKs hide.</summary>
internal static class RawHttp
{
    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public static object Chat(string content, int maxTokens = 24, double temperature = 0, long? seed = null, bool stream = false) => new
    {
        model = ServerFixture.Model,
        messages = new[] { new { role = "user", content } },
        max_completion_tokens = maxTokens,
        temperature,
        seed,
        stream,
    };

    /// <summary>Status and body of a JSON answer.</summary>
    public static async Task<(int Status, JsonElement Body)> PostAsync(HttpClient http, string path, object body, CancellationToken stop)
    {
        using var response = await http.PostAsJsonAsync(path, body, stop);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(stop)).RootElement);
    }

    /// <summary>The choices of a streamed answer's chunks that have this index.</summary>
    public static IEnumerable<JsonElement> Choices(IEnumerable<string> events, int index) =>
        from data in events
        where data != "[DONE]"
        from choice in JsonDocument.Parse(data).RootElement.GetProperty("choices").EnumerateArray()
        where choice.GetProperty("index").GetInt32() == index
        select choice;

    /// <summary>The <c>data:</c> payloads of a streamed answer, <c>[DONE]</c> included.</summary>
    public static async Task<List<string>> StreamAsync(HttpClient http, string path, object body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        return await EventsAsync(reader, stop);
    }

    /// <summary>The <c>data:</c> payloads of what is left of a stream.</summary>
    public static async Task<List<string>> EventsAsync(StreamReader stream, CancellationToken stop)
    {
        var events = new List<string>();
        while (await stream.ReadLineAsync(stop) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) events.Add(line[6..]);
        return events;
    }

    public static string Text(IEnumerable<string> events) => string.Concat(
        from data in events
        where data != "[DONE]"
        let chunk = JsonDocument.Parse(data).RootElement
        where chunk.GetProperty("choices").GetArrayLength() > 0
        let delta = chunk.GetProperty("choices")[0].GetProperty("delta")
        where delta.TryGetProperty("content", out _)
        select delta.GetProperty("content").GetString());

    public static async Task<string> WholeAsync(HttpClient http, object body, CancellationToken stop)
    {
        using var response = await http.PostAsJsonAsync("v1/chat/completions", body, stop);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(stop));
        return answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }
}
