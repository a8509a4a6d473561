using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using StreamCore.Host.Composition;
using StreamCore.Host.Endpoints;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Reasoning that has spent its budget is ended, and the answer goes on.</summary>
public sealed class ReasoningBudgets
{
    private const string Ending = "\n</think>\n\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Budget, the reasoning that is left of <see cref="Thoughts"/>, and how many tokens of it, the forced end included. Tokens are bytes.</summary>
    public static TheoryData<bool, int, string, int> Budgets() => new()
    {
        { false, 12, "hm, d", 12 + 9 },
        { false, 7, "", 7 + 9 },
        { false, 3, "", 7 + 9 }, // the marker that opens it is more than that
        { false, 0, "", 7 + 9 },
        { false, 16, "hm, das ü", 7 + 10 + 9 }, // not within a character
        { false, 40, "hm, das überlege ich", 7 + 21 + 8 }, // it ended by itself
        { true, 5, "hm, d", 5 + 9 },
        { true, 0, "", 9 },
        { true, 9, "hm, das ü", 10 + 9 },
    };

    private const string Thoughts = "hm, das überlege ich</think>";

    [Theory]
    [MemberData(nameof(Budgets))]
    public async Task Reasoning_is_ended_when_so_many_tokens_are_spent(bool within, int budget, string reasoning, int tokens)
    {
        await using var server = await ScriptedServer.StartAsync(Template(within));
        Thinks(server.Engine, Thoughts, "Ja.");
        foreach (var answer in await BothAsync(server, budget))
        {
            Assert.Equal(("Ja.", reasoning, "stop"), (answer.Content, answer.Reasoning, answer.FinishReason));
            Assert.Equal(tokens, ReasoningTokens(answer));
        }
    }

    [Fact]
    public async Task Each_choice_has_a_budget_of_its_own()
    {
        await using var server = await ScriptedServer.StartAsync(Template(within: false), new MarkedTokenizer());
        server.Engine.Script = sequence =>
        {
            var said = Said(sequence);
            if (said.Length == 0) return MarkedTokenizer.ThinkToken;
            var end = Array.IndexOf(said, MarkedTokenizer.EndThinkToken);
            return end < 0 ? 'a' : said.Length - end - 1 < 4 ? "\n\nJa"[said.Length - end - 1] : ScriptedTokenizer.EndToken;
        };
        var ask = Ask(budget: 5, stream: false);
        ask["n"] = 3;
        for (var index = 0; index < 3; index++)
        {
            var answer = await ChatAnswer.WholeAsync(server.Http, ask, Stop, index);
            Assert.Equal(("Ja", "aaaa", "stop"), (answer.Content, answer.Reasoning, answer.FinishReason));
            Assert.Equal(3 * (5 + 2), ReasoningTokens(answer)); // the line feed and the marker
        }
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_text_and_an_unspent_budget_changes_nothing()
    {
        await using var server = await ScriptedServer.StartAsync(Template(within: true));
        server.Engine.Script = sequence => Said(sequence) switch
        {
            { Length: < 30 } => null, // by chance
            { Length: 30 } => '<',
            var said when Text(said).Contains("</think>", StringComparison.Ordinal) => said.Length < 80 ? null : ScriptedTokenizer.EndToken,
            var said => "</think>"[Math.Min(said.Length - 30, 7)],
        };
        var first = await BothAsync(server, budget: 9, temperature: 1);
        var again = await BothAsync(server, budget: 9, temperature: 1);
        Assert.All([.. first, .. again], answer => Assert.Equal(first[0] with { Usage = "" }, answer with { Usage = "" }));
        var free = (await BothAsync(server, budget: null, temperature: 1))[0];
        var ample = (await BothAsync(server, budget: 300, temperature: 1))[0];
        Assert.Equal(free with { Usage = "" }, ample with { Usage = "" });
        Assert.StartsWith(first[0].Reasoning, free.Reasoning, StringComparison.Ordinal);
        Assert.True(first[0].Reasoning.Length < free.Reasoning.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_format_holds_for_the_answer_after_the_forced_end(bool within)
    {
        await using var server = await ScriptedServer.StartAsync(Template(within));
        Thinks(server.Engine, new string('ü', 400), answer: null);
        var ask = Ask(budget: 20, stream: false);
        ask["response_format"] = JsonNode.Parse("""{"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {"type": "object", "additionalProperties": false, "required": ["a"], "properties": {"a": {"enum": ["x", "y"]}}}}}""");
        var answer = await ChatAnswer.WholeAsync(server.Http, ask, Stop);
        Assert.Equal(new string('ü', within ? 10 : 7), answer.Reasoning);
        Assert.Contains(JsonNode.Parse(answer.Content)!["a"]!.GetValue<string>(), new[] { "x", "y" });
    }

    [Fact]
    public async Task A_budget_is_refused_where_reasoning_cannot_be_ended()
    {
        await using var server = await ScriptedServer.StartAsync("{{ messages[0].content }}<|assistant|>");
        var (status, body) = await RawHttp.PostAsync(server.Http, "v1/chat/completions", Ask(budget: 5, stream: false), Stop);
        var error = body.GetProperty("error");
        Assert.Equal((400, "thinking_token_budget", "unsupported_parameter"),
            (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Null(ReasoningLimit.Ending(new NoLines()));
    }

    [Fact]
    public async Task The_built_in_models_tokens_spell_the_end()
    {
        await using var server = await OwnServer.StartAsync(Stop);
        var tokenizer = server.Services.GetRequiredService<ModelCatalog>().Models.OfType<TokenModel>().First().Tokenizer;
        Assert.Equal(Ending, Encoding.UTF8.GetString(TokenText.Join(tokenizer, ReasoningLimit.Ending(tokenizer)!, special: true)));
    }

    /// <summary>Against a plain reading of the same tokens: where the budget is spent, between two characters, the end is put in.</summary>
    [Fact]
    public void However_an_answer_is_cut_into_tokens_its_reasoning_is_ended_where_the_budget_is_spent()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            var within = random.Next(2) == 0;
            var text = Encoding.UTF8.GetBytes((within ? "" : new string(' ', random.Next(3)) + "<think>") + Piece() + "</think>" + Piece());
            var tokenizer = new PieceTokenizer();
            var tokens = tokenizer.Cut(text, random);
            var budget = random.Next(text.Length);
            var (drawn, counted) = Play(tokenizer, tokens, budget, within);
            var expected = Reference(tokenizer, tokens, budget, within);
            Assert.Equal(expected, drawn);
            Assert.Equal(Count(tokenizer, expected, within), counted);
        }

        string Piece() => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Parts[random.Next(Parts.Length)]));
    }

    private static readonly string[] Parts = ["a", "ü", "日本", "😀", "\n", "<", "</", "</thin", " ", "think>", "<think>"];

    /// <summary>Draws as the scheduler does, from what the rules allow: the end where it is forced, else the next token.</summary>
    private static (int[] Drawn, int Counted) Play(PieceTokenizer tokenizer, int[] tokens, int budget, bool within)
    {
        var counter = new ReasoningCounter(tokenizer, new AnswerSyntax(ToolSyntax.None, [], false, true, within, false), showsSpecialTokens: false);
        ILogitsRule[] rules = [counter, new ReasoningLimit(counter, budget, ReasoningLimit.Ending(tokenizer)!)];
        var drawn = new List<int>();
        var logits = new float[tokenizer.VocabularySize];
        for (var next = 0; next < tokens.Length;)
        {
            Array.Clear(logits);
            foreach (var rule in rules) rule.Apply(logits);
            var token = float.IsNegativeInfinity(logits[tokens[next]]) || logits.Any(float.IsNegativeInfinity)
                ? Array.FindIndex(logits, float.IsFinite)
                : tokens[next++];
            foreach (var rule in rules) rule.Accept(token);
            drawn.Add(token);
        }

        return ([.. drawn], counter.Count);
    }

    private static int[] Reference(PieceTokenizer tokenizer, int[] tokens, int budget, bool within)
    {
        for (var taken = 0; taken < tokens.Length; taken++)
        {
            var text = Bytes(tokenizer, tokens[..taken]);
            var (opened, closed) = Markers(text, within);
            var isWhole = !Encoding.UTF8.GetString(text).EndsWith('\uFFFD');
            if (opened <= text.Length && closed == int.MaxValue && isWhole && Count(tokenizer, tokens[..taken], within) >= budget)
                return [.. tokens[..taken], .. ReasoningLimit.Ending(tokenizer)!, .. tokens[taken..]];
        }

        return tokens;
    }

    /// <summary>Tokens that have a byte between the beginning of the opening marker and the end of the closing one.</summary>
    private static int Count(PieceTokenizer tokenizer, int[] tokens, bool within)
    {
        var (opened, closed) = Markers(Bytes(tokenizer, tokens), within);
        var (at, count) = (0, 0);
        foreach (var token in tokens)
        {
            var length = tokenizer.Bytes(token).Length;
            if (at < closed && at + length > opened - (within ? 0 : "<think>".Length)) count++;
            at += length;
        }

        return opened <= at ? count : 0;
    }

    /// <summary>Where reasoning begins and where the marker after it ends; beyond all text where they are not there.</summary>
    private static (int Opened, int Closed) Markers(byte[] text, bool within)
    {
        var opened = within ? 0 : text.AsSpan().IndexOf("<think>"u8) is var open and >= 0 ? open + "<think>".Length : int.MaxValue;
        var closing = opened <= text.Length ? text.AsSpan(opened).IndexOf("</think>"u8) : -1;
        return (opened, closing < 0 ? int.MaxValue : opened + closing + "</think>".Length);
    }

    private static byte[] Bytes(PieceTokenizer tokenizer, int[] tokens) => [.. tokens.SelectMany(token => tokenizer.Bytes(token).ToArray())];

    /// <summary>Thinks this, byte by byte, after a marker that the prompt may have; and where its reasoning has ended, by itself or not,
    /// says the answer. Null leaves it to chance.</summary>
    private static void Thinks(ScriptedEngine engine, string thoughts, string? answer) => engine.Script = sequence =>
    {
        var said = Text(Said(sequence));
        var bytes = Said(sequence).Length;
        var end = said.IndexOf("</think>", StringComparison.Ordinal);
        if (end < 0) return Encoding.UTF8.GetBytes("<think>" + thoughts)[bytes];
        if (answer is null) return null;
        var after = said[(end + "</think>".Length)..].TrimStart('\n');
        return after.Length < answer.Length ? answer[after.Length] : ScriptedTokenizer.EndToken;
    };

    private static int[] Said(IReadOnlyList<int> sequence) =>
        [.. sequence.Reverse().TakeWhile(token => token != ScriptedTokenizer.AssistantToken).Reverse()];

    private static string Text(int[] tokens) => Encoding.UTF8.GetString([.. tokens.Where(token => token < 256).Select(token => (byte)token)]);

    private static string Template(bool within) =>
        "{% for m in messages %}<|user|>{{ m.content }}{% endfor %}<|assistant|>" + (within ? "{{ '<think>' }}" : "") + "{# <think> #}";

    private static async Task<List<ChatAnswer>> BothAsync(ScriptedServer server, int? budget, double temperature = 0) =>
    [
        await ChatAnswer.WholeAsync(server.Http, Ask(budget, stream: false, temperature), Stop),
        await ChatAnswer.StreamedAsync(server.Http, Ask(budget, stream: true, temperature), Stop),
    ];

    private static int ReasoningTokens(ChatAnswer answer)
    {
        using var usage = JsonDocument.Parse(answer.Usage);
        return usage.RootElement.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32();
    }

    private static Dictionary<string, object?> Ask(int? budget, bool stream, double temperature = 0) => new()
    {
        ["model"] = ScriptedServer.Model,
        ["messages"] = new[] { new { role = "user", content = "Hello!" } },
        ["thinking_token_budget"] = budget,
        ["max_completion_tokens"] = 400,
        ["temperature"] = temperature,
        ["seed"] = 11,
        ["stream"] = stream,
        ["stream_options"] = stream ? new { include_usage = true } : null,
    };

    /// <summary>Has no line feeds.</summary>
    private sealed class NoLines : ITokenizer
    {
        private readonly ScriptedTokenizer _inner = new();

        public int VocabularySize => _inner.VocabularySize;

        public bool StripsLeadingSpace => false;

        public int[] Encode(string text, bool special) => [.. _inner.Encode(text, special).Where(token => token != '\n')];

        public ReadOnlySpan<byte> Bytes(int id) => _inner.Bytes(id);

        public ReadOnlySpan<byte> Spelling(int id) => _inner.Spelling(id);

        public bool IsSpecial(int id) => _inner.IsSpecial(id);

        public bool TryGetId(string token, out int id) => _inner.TryGetId(token, out id);
    }
}
