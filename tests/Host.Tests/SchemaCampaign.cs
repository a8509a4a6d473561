using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler.Grammar;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>
/// Random schemas, each answered by the built-in model and by one of random weights, sampled hot, several answers in one batch with
/// others', whole and streamed. What ended must be valid by an independent validator (<c>Clients/validate.mjs</c>); what was cut off is
/// completed by chance as its grammar allows, and must then be valid too. <c>SCHEMA_COUNT</c> sets how many, <c>SCHEMA_SEED</c> which.
/// </summary>
public sealed class SchemaCampaign(ServerFixture server)
{
    private const int AtOnce = 8;
    private const int Answers = 2;

    private static readonly int Count = Setting("SCHEMA_COUNT") ?? 60;
    private static readonly int First = Setting("SCHEMA_SEED") ?? 1;
    private static readonly ScriptedTokenizer Bytes = new();
    private static readonly GrammarVocabulary Vocabulary = new(Bytes);

    [Fact]
    public async Task Every_answer_under_a_random_schema_is_valid_or_the_beginning_of_a_valid_one()
    {
        var stop = TestContext.Current.CancellationToken;
        using var http = Recording.Client(server.Address);
        var asked = new ConcurrentBag<Asked>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
        await Parallel.ForEachAsync(Enumerable.Range(First, Count), parallel, async (seed, token) => asked.Add(await AskAsync(http, seed, token)));

        await ValidateAsync(asked.OrderBy(it => it.Seed));
        var answers = asked.SelectMany(it => it.Texts).ToArray();
        var refused = asked.Count(it => it.Texts.Count == 0);
        var ended = answers.Count(it => it.HasEnded);
        var cut = answers.Length - ended;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count} schemas, {refused} of them refused; {answers.Length} answers, {ended} of them ended"));
        Assert.True(refused < Count * 0.6, $"{refused} of {Count} schemas were refused");
        Assert.True(ended > answers.Length / 2, $"{ended} of {answers.Length} answers ended");
        Assert.True(cut > 0, "no answer was cut off");
    }

    /// <summary>What both models answer, each whole and streamed; nothing where the schema is refused.</summary>
    private static async Task<Asked> AskAsync(HttpClient http, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        var schema = RandomSchemas.Draw(random);
        var texts = new List<Answer>();
        foreach (var model in new[] { ServerFixture.Model, ServerFixture.Noise })
        {
            var ask = Ask(schema, model, random);
            var (status, body) = await RawHttp.PostAsync(http, "v1/chat/completions", ask, stop);
            if (status == 400)
            {
                Assert.Equal("response_format", body.GetProperty("error").GetProperty("param").GetString());
                return new(seed, schema, []);
            }

            Assert.True(status == 200, body.GetRawText());
            texts.AddRange(body.GetProperty("choices").EnumerateArray().Select(choice =>
                Read(choice.GetProperty("message").GetProperty("content").GetString()!, choice.GetProperty("finish_reason").GetString())));
            ask["seed"] = random.Next();
            ask["stream"] = true;
            var events = await RawHttp.StreamAsync(http, "v1/chat/completions", ask, stop);
            for (var index = 0; index < Answers; index++) texts.Add(Joined(RawHttp.Choices(events, index).ToArray()));
        }

        var grammar = Compile(schema);
        return new(seed, schema, [.. texts.Select(it => it.HasEnded ? it : it with { Text = Completed(grammar, it.Text, random) })]);
    }

    private static JsonObject Ask(JsonElement schema, string model, Random random) => new()
    {
        ["model"] = model,
        ["messages"] = JsonNode.Parse("""[{"role": "user", "content": "Give me an example."}]"""),
        ["response_format"] = new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = "any", ["schema"] = JsonNode.Parse(schema.GetRawText()) },
        },
        ["n"] = Answers,
        ["seed"] = random.Next(),
        ["temperature"] = 1 + random.NextDouble(),
        ["max_tokens"] = 96,
    };

    private static Answer Joined(JsonElement[] chunks)
    {
        var text = string.Concat(chunks.Select(chunk => chunk.GetProperty("delta").TryGetProperty("content", out var part) ? part.GetString() : ""));
        return Read(text, chunks[^1].GetProperty("finish_reason").GetString());
    }

    private static Answer Read(string text, string? reason)
    {
        Assert.Contains(reason, new[] { "stop", "length" });
        return new(text, reason == "stop");
    }

    private static TokenGrammar Compile(JsonElement schema)
    {
        var spec = GrammarSpec.Schema(schema, "response_format 'any'", "response_format");
        Assert.True(GrammarApi.TryCompile(spec, GrammarLimits.Default, out var tables, out var error), error?.Message);
        Assert.True(TokenGrammar.TryCreate(tables, Vocabulary, out var grammar, out _));
        return grammar;
    }

    /// <summary>A whole text that begins like this one, which the grammar must allow; what ends it is taken where it may be.</summary>
    private static string Completed(TokenGrammar grammar, string beginning, Random random)
    {
        // What is cut off within a character ends with U+FFFD in its place.
        var text = new List<byte>(Encoding.UTF8.GetBytes(beginning.TrimEnd('\uFFFD')));
        var cursor = new GrammarCursor(grammar);
        foreach (var value in text) Assert.True(cursor.TryAdvance([value]), $"{Encoding.UTF8.GetString([.. text])} is not allowed by the grammar");
        var mask = new ulong[(Bytes.VocabularySize + 63) / 64];
        while (!cursor.IsAccepting)
        {
            Assert.True(text.Count < 10_000, "the answer cannot be completed");
            cursor.FillMask(mask);
            var allowed = Enumerable.Range(0, 256).Where(value => (mask[value / 64] >> value & 1) != 0).Select(value => (byte)value).ToArray();
            var closing = allowed.Where(value => value is (byte)'}' or (byte)']').ToArray();
            // In a string it is the quotation mark that closes.
            var pool = random.Next(4) == 0 ? allowed : allowed.Contains((byte)'"') ? "\""u8.ToArray() : closing.Length > 0 ? closing : allowed;
            text.Add(pool[random.Next(pool.Length)]);
            Assert.True(cursor.TryAdvance([text[^1]]));
        }

        return Encoding.UTF8.GetString([.. text]);
    }

    private static async Task ValidateAsync(IEnumerable<Asked> asked)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, asked.Select(it =>
                JsonSerializer.Serialize(new { seed = it.Seed, schema = it.Schema, texts = it.Texts.Select(answer => answer.Text) })));
            await OfficialNodeClient.RunAsync("validate.mjs", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private sealed record Answer(string Text, bool HasEnded);

    private sealed record Asked(int Seed, JsonElement Schema, IReadOnlyList<Answer> Texts);
}
