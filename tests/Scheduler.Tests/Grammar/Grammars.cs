using System.Text;
using System.Text.Json;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler.Grammar;
using Xunit;

namespace StreamCore.Scheduler.Tests.Grammar;

/// <summary>Compiles grammars for tests.</summary>
internal static class Grammars
{
    public static GrammarSpec Schema(string schema) =>
        GrammarSpec.Schema(JsonDocument.Parse(schema).RootElement, "response_format 'test'", "response_format");

    public static TokenGrammar Compile(GrammarSpec spec, ITokenizer tokenizer)
    {
        Assert.True(GrammarApi.TryCompile(spec, GrammarLimits.Default, out var tables, out var error), error?.Message);
        Assert.True(TokenGrammar.TryCreate(tables, new GrammarVocabulary(tokenizer), out var grammar, out _));
        return grammar;
    }

    /// <summary>The texts of the tokens that may come next.</summary>
    public static string[] Next(GrammarCursor cursor, ITokenizer tokenizer)
    {
        var mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        cursor.FillMask(mask);
        return [.. Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(token => (mask[token / 64] >> token & 1) != 0)
            .Select(token => Encoding.UTF8.GetString(tokenizer.Bytes(token)))];
    }

    /// <summary>Tokens that are all bytes, and these texts after them.</summary>
    internal sealed class Tokens(params string[] texts) : ITokenizer
    {
        private readonly byte[][] _texts = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. texts.Select(Encoding.UTF8.GetBytes)];

        public int VocabularySize => _texts.Length;

        public bool StripsLeadingSpace { get; init; }

        /// <summary>A byte that is no token.</summary>
        public int Lacks { get; init; } = -1;

        public string Text(int id) => Encoding.UTF8.GetString(_texts[id]);

        public int Id(string text) => Array.FindLastIndex(_texts, bytes => Encoding.UTF8.GetString(bytes) == text);

        public ReadOnlySpan<byte> Bytes(int id) => id == Lacks ? [] : _texts[id];

        public ReadOnlySpan<byte> Spelling(int id) => Bytes(id);

        public bool IsSpecial(int id) => false;

        public int[] Encode(string text, bool special) => throw new NotSupportedException();

        public bool TryGetId(string token, out int id) => throw new NotSupportedException();
    }
}
