using System.Globalization;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization.Patterns;
using StreamCore.Engines.Tokenization.PreTokenizers;
using Xunit;

namespace StreamCore.Engines.Tests.Tokenization;

public class PatternTests
{
    [Theory]
    [InlineData(@"a?+b", @"(?>a?)b")]
    [InlineData(@"[^a-c]++", @"(?>[^a-c]+)")]
    [InlineData(@"(?i:'s|k)", @"(?:'[sS\u017F]|[kK\u212A])")]
    [InlineData(@"a(?i)b|c", @"a(?:[bB]|[cC])")]
    [InlineData(@"[\p{L}&&[^a]]", @"[\p{L}-[a]]")]
    [InlineData(@"[^(\s|[.,])]", @"[^(\s|.,)]")]
    [InlineData(@"\h\x{41}\x41\u0041", @"[0-9a-fA-F]\u0041\u0041\u0041")]
    [InlineData(@"a{,3}b{2,}c{x", @"a{0,3}b{2,}c\{x")]
    [InlineData(@"\p{Letter}\P{N}\p{^N}", @"\p{L}\P{N}\P{N}")]
    public void Oniguruma_syntax_becomes_dotnet_syntax(string pattern, string expected) =>
        Assert.Equal(expected, OnigurumaSyntax.Translate(pattern));

    [Theory]
    [InlineData(@"\p{Devanagari}")]
    [InlineData(@"[[:alpha:]]")]
    [InlineData(@"[a[^b]]")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"(?m:a.b)")]
    [InlineData(@"\K")]
    [InlineData(@"[😀]")]
    [InlineData(@"(a")]
    [InlineData(@"a)")]
    [InlineData(@"[a")]
    [InlineData(@"\")]
    public void What_has_no_equal_is_refused(string pattern)
    {
        var refusal = Assert.Throws<ModelFolderException>(() => new RegexPattern(pattern));
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Known_patterns_match_as_their_translations_do()
    {
        var random = new Random(3);
        foreach (var pattern in new[] { KnownPatterns.Gpt2, KnownPatterns.Llama3, KnownPatterns.Qwen2 })
        {
            Assert.True(KnownPatterns.TryGet(pattern, out var known));
            var translated = OnigurumaSyntax.Compile(pattern);
            for (var i = 0; i < 300; i++)
            {
                var text = RandomText.Draw(random, 60);
                Assert.Equal(translated.Matches(text).Select(match => match.Index), known.Matches(text).Select(match => match.Index));
            }
        }
    }

    [Fact]
    public void A_stand_in_has_the_category_it_stands_for()
    {
        foreach (var category in Enum.GetValues<UnicodeCategory>())
        {
            // A lone surrogate has been replaced before, so nothing stands for one.
            if (category != UnicodeCategory.Surrogate)
                Assert.Equal(category, CharUnicodeInfo.GetUnicodeCategory(StandIns.Of(category)));
        }
    }

    [Theory]
    [InlineData(@"\p{L}+", "a𝒜b 𠀀", "[a𝒜b] [𠀀]")]
    [InlineData(@"\p{N}", "1𝟘a", "[1][𝟘]a")]
    [InlineData(@"[^\s\p{L}]+", "🎉🎉 x👍", "[🎉🎉] x[👍]")]
    [InlineData(@"\p{Han}+", "a你𠀀好ひ", "a[你𠀀好]ひ")]
    [InlineData(@"[一-龥]+", "你𠀀好", "[你]𠀀[好]")]
    public void Characters_beyond_the_basic_plane_are_matched_by_their_kind(string pattern, string text, string expected)
    {
        var segments = new List<Segment>();
        new RegexPattern(pattern).Find(text, segments);
        Assert.Equal(expected, string.Concat(segments.Select(segment =>
            segment.IsMatch ? $"[{text[segment.Start..segment.End]}]" : text[segment.Start..segment.End])));
    }

    // The examples of the reference implementation.
    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", "the|-final|-|-countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void Splitting_treats_matches_as_told(string behavior, string expected)
    {
        var split = new SplitPreTokenizer(new LiteralPattern("-"), Enum.Parse<SplitBehavior>(behavior), invert: false);
        var inverted = new SplitPreTokenizer(new RegexPattern("[^-]"), Enum.Parse<SplitBehavior>(behavior), invert: true);
        Assert.Equal(expected, Split(split, "the-final--countdown"));
        if (behavior is "Removed" or "Contiguous")
            Assert.Equal(behavior == "Removed" ? "t|h|e|f|i|n|a|l|c|o|u|n|t|d|o|w|n" : expected, Split(inverted, "the-final--countdown"));
    }

    private static string Split(SplitPreTokenizer split, string text)
    {
        var words = new List<Piece>();
        split.Apply([new Piece(text.AsMemory(), AtStart: true)], words);
        return string.Join('|', words.Select(word => word.Text));
    }
}
