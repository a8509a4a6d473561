using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>
/// Answers that are kept to a format or to calls. The engine draws its logits by chance, so what comes out is what the grammar leaves;
/// the built-in model is asked as well.
/// </summary>
public sealed class Formats(ServerFixture builtIn)
{
    private const string Schema = """
        {"type": "object", "additionalProperties": false, "required": ["name", "age", "tags"], "properties": {
          "name": {"type": "string", "maxLength": 5}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
          "tags": {"type": "array", "maxItems": 2, "items": {"enum": ["a", "b"]}}, "ok": {"type": "boolean"}}}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public async Task An_answer_is_an_object_of_its_schema_whole_and_streamed(double temperature)
    {
        await using var server = await ScriptedServer.StartAsync(Plain);
        for (var seed = 1; seed <= 8; seed++)
        {
            var ask = Ask(Format(Schema), seed, temperature);
            var whole = await ChatAnswer.WholeAsync(server.Http, ask, Stop);
            AssertValid(whole.Content);
            Assert.Equal("stop", whole.FinishReason);
            Assert.Equal(whole with { Usage = "" }, await ChatAnswer.StreamedAsync(server.Http, Streamed(ask), Stop) with { Usage = "" });
        }
    }

    [Fact]
    public async Task Each_of_several_answers_is_valid_by_itself()
    {
        await using var server = await ScriptedServer.StartAsync(Plain);
        var ask = Ask(Format(Schema), seed: 7, temperature: 1);
        ask["n"] = 4;
        var (status, body) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", ask, Stop);
        Assert.Equal(200, status);
        var answers = body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!).ToArray();
        Assert.Equal(4, answers.Length);
        Assert.All(answers, AssertValid);
        Assert.True(answers.Distinct().Count() > 1);
    }

    [Fact]
    public async Task An_answer_is_one_of_the_choices_or_fits_the_pattern()
    {
        await using var server = await ScriptedServer.StartAsync(Plain);
        for (var seed = 1; seed <= 6; seed++)
        {
            var chosen = await ChatAnswer.WholeAsync(server.Http, Ask("""{"type": "choice", "choice": ["red", "green", "été"]}""", seed, 1), Stop);
            Assert.Contains(chosen.Content, new[] { "red", "green", "été" });
            var fitting = await ChatAnswer.WholeAsync(server.Http, Ask("""{"type": "regex", "regex": "[A-C]{2}-\\d{3}"}""", seed, 1), Stop);
            Assert.Matches("^[A-C]{2}-[0-9]{3}$", fitting.Content);
        }
    }

    [Theory]
    [InlineData("\"required\"")]
    [InlineData("""{"type": "function", "function": {"name": "find"}}""")]
    [InlineData("""{"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "find"}}]}}""")]
    public async Task A_call_that_is_asked_for_is_made_with_valid_arguments(string choice)
    {
        await using var server = await ScriptedServer.StartAsync();
        for (var seed = 1; seed <= 4; seed++)
        {
            var ask = Ask(null, seed, 1);
            ask["tools"] = JsonNode.Parse($$$"""[{"type": "function", "function": {"name": "find", "parameters": {{{Schema}}}}}]""");
            ask["tool_choice"] = JsonNode.Parse(choice);
            ask["parallel_tool_calls"] = false;
            ask["chat_template_kwargs"] = new JsonObject { ["enable_thinking"] = false };
            var whole = await ChatAnswer.WholeAsync(server.Http, ask, Stop);
            Assert.StartsWith("find ", whole.Calls, StringComparison.Ordinal);
            AssertValid(whole.Calls["find ".Length..]);
            Assert.Equal("tool_calls", whole.FinishReason);
            Assert.Equal(whole with { Usage = "" }, await ChatAnswer.StreamedAsync(server.Http, Streamed(ask), Stop) with { Usage = "" });
        }
    }

    [Fact]
    public async Task The_built_in_model_keeps_to_a_schema()
    {
        using var http = Recording.Client(builtIn.Address);
        foreach (var temperature in new[] { 0.0, 1.0 })
        {
            var ask = Ask(Format(Schema), 3, temperature);
            ask["model"] = ServerFixture.Model;
            AssertValid((await ChatAnswer.WholeAsync(http, ask, Stop)).Content);
        }
    }

    [Theory]
    [InlineData("""{"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "not": {"format": "date"}}}}""", "not")]
    [InlineData("""{"type": "json_schema", "json_schema": {"name": "a", "schema": {"$ref": "#/$defs/none"}}}""", "$ref")]
    [InlineData("""{"type": "regex", "regex": "("}""", "regex")]
    public async Task What_cannot_be_kept_to_is_refused_before_the_answer(string format, string named)
    {
        using var http = Recording.Client(builtIn.Address);
        var ask = Streamed(Ask(format, 1, 1));
        ask["model"] = ServerFixture.Model;
        var (status, body) = await RawHttp.PostAsync(http, "v1/chat/completions", ask, Stop);
        var error = body.GetProperty("error");
        Assert.Equal(400, status);
        Assert.StartsWith("response_format", error.GetProperty("param").GetString(), StringComparison.Ordinal);
        Assert.Contains(named, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type": "regex", "regex": "a{1,20}"}""", 20)]
    [InlineData("""{"type": "regex", "regex": "a+"}""", 30)]
    [InlineData("""{"type": "choice", "choice": ["a", "aa"]}""", 2)]
    public async Task A_least_length_is_kept_to_as_long_as_the_format_lets_the_answer_go_on(string format, int least)
    {
        await using var server = await ScriptedServer.StartAsync(Plain);
        for (var seed = 1; seed <= 6; seed++)
        {
            var ask = Ask(format, seed, 1);
            ask["min_tokens"] = 30;
            var answer = await ChatAnswer.WholeAsync(server.Http, ask, Stop);
            Assert.Equal("stop", answer.FinishReason);
            Assert.True(answer.Content.Length >= least, answer.Content);
        }
    }

    /// <summary>No tools and no reasoning.</summary>
    private const string Plain = "{% for m in messages %}<|user|>{{ m.content }}<|end|>{% endfor %}<|assistant|>";

    private static string Format(string schema) => $$$"""{"type": "json_schema", "json_schema": {"name": "person", "strict": true, "schema": {{{schema}}}}}""";

    private static JsonObject Ask(string? format, int seed, double temperature)
    {
        var ask = new JsonObject
        {
            ["model"] = ScriptedServer.Model,
            ["messages"] = JsonNode.Parse("""[{"role": "user", "content": "Who?"}]"""),
            ["seed"] = seed,
            ["temperature"] = temperature,
            ["max_tokens"] = 400,
        };
        if (format is not null) ask["response_format"] = JsonNode.Parse(format);
        return ask;
    }

    private static JsonObject Streamed(JsonObject ask)
    {
        var streamed = (JsonObject)ask.DeepClone();
        streamed["stream"] = true;
        streamed["stream_options"] = new JsonObject { ["include_usage"] = true };
        return streamed;
    }

    private static void AssertValid(string text)
    {
        var person = JsonDocument.Parse(text).RootElement;
        var names = person.EnumerateObject().Select(property => property.Name).ToArray();
        Assert.Equal(["name", "age", "tags"], names.Except(["ok"]));
        Assert.InRange(person.GetProperty("name").GetString()!.EnumerateRunes().Count(), 0, 5);
        Assert.InRange(person.GetProperty("age").GetInt32(), 0, 150);
        Assert.InRange(person.GetProperty("tags").GetArrayLength(), 0, 2);
        Assert.All(person.GetProperty("tags").EnumerateArray(), tag => Assert.Contains(tag.GetString(), new[] { "a", "b" }));
        if (names.Contains("ok")) Assert.Contains(person.GetProperty("ok").ValueKind, new[] { JsonValueKind.True, JsonValueKind.False });
    }
}
