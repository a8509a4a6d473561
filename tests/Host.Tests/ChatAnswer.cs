using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A chat answer's parts, the same from a whole answer and from a stream, which is checked as it is put together.</summary>
internal sealed record ChatAnswer(string Content, string Reasoning, string Calls, string FinishReason, string Usage)
{
    public static async Task<ChatAnswer> WholeAsync(HttpClient http, object body, CancellationToken stop, int index = 0)
    {
        using var response = await http.PostAsJsonAsync("v1/chat/completions", body, stop);
        var text = await response.Content.ReadAsStringAsync(stop);
        Assert.True(response.IsSuccessStatusCode, text);
        var answer = JsonDocument.Parse(text).RootElement;
        var choice = answer.GetProperty("choices")[index];
        var message = choice.GetProperty("message");
        return new ChatAnswer(
            message.GetProperty("content").GetString() ?? "",
            message.TryGetProperty("reasoning_content", out var reasoning) ? reasoning.GetString()! : "",
            string.Join('\n', CallsOf(message)),
            choice.GetProperty("finish_reason").GetString()!,
            answer.GetProperty("usage").GetRawText());
    }

    public static async Task<ChatAnswer> StreamedAsync(HttpClient http, object body, CancellationToken stop, int index = 0)
    {
        var events = await RawHttp.StreamAsync(http, "v1/chat/completions", body, stop);
        Assert.Equal("[DONE]", events[^1]);
        string content = "", reasoning = "", finish = "", usage = "";
        var names = new List<string>();
        var arguments = new List<string>();
        foreach (var chunk in events.SkipLast(1).Select(data => JsonDocument.Parse(data).RootElement))
        {
            if (chunk.GetProperty("choices").GetArrayLength() == 0)
            {
                usage = chunk.GetProperty("usage").GetRawText();
                continue;
            }

            var choice = chunk.GetProperty("choices")[0];
            if (choice.GetProperty("index").GetInt32() != index) continue;
            Assert.Equal("", finish); // nothing follows the reason
            var delta = choice.GetProperty("delta");
            if (delta.TryGetProperty("content", out var text)) content += text.GetString();
            if (delta.TryGetProperty("reasoning_content", out var thought)) reasoning += thought.GetString();
            if (delta.TryGetProperty("tool_calls", out var calls)) AddCall(Assert.Single(calls.EnumerateArray()), names, arguments);
            finish = choice.GetProperty("finish_reason").GetString() ?? "";
            if (finish.Length > 0) Assert.Empty(delta.EnumerateObject());
        }

        return new ChatAnswer(content, reasoning, string.Join('\n', names.Zip(arguments, (name, json) => $"{name} {json}")), finish, usage);
    }

    /// <summary>Id, type and name come once, in the first delta of a call; its index counts up.</summary>
    private static void AddCall(JsonElement call, List<string> names, List<string> arguments)
    {
        var index = call.GetProperty("index").GetInt32();
        var function = call.GetProperty("function");
        if (index == names.Count)
        {
            Assert.StartsWith("call_", call.GetProperty("id").GetString());
            Assert.Equal("function", call.GetProperty("type").GetString());
            names.Add(function.GetProperty("name").GetString()!);
            arguments.Add("");
        }
        else
        {
            Assert.Equal(names.Count - 1, index);
            Assert.Equal(["index", "function"], call.EnumerateObject().Select(field => field.Name));
            Assert.Equal(["arguments"], function.EnumerateObject().Select(field => field.Name));
        }

        arguments[index] += function.GetProperty("arguments").GetString();
    }

    private static IEnumerable<string> CallsOf(JsonElement message)
    {
        if (!message.TryGetProperty("tool_calls", out var calls)) yield break;
        foreach (var call in calls.EnumerateArray())
        {
            Assert.StartsWith("call_", call.GetProperty("id").GetString());
            Assert.Equal("function", call.GetProperty("type").GetString());
            var function = call.GetProperty("function");
            yield return $"{function.GetProperty("name").GetString()} {function.GetProperty("arguments").GetString()}";
        }
    }
}
