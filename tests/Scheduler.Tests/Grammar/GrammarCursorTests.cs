using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler.Grammar;
using Xunit;

namespace StreamCore.Scheduler.Tests.Grammar;

public sealed class GrammarCursorTests
{
    [Fact]
    public void A_token_may_cross_from_a_string_into_what_follows_it()
    {
        var tokens = new Grammars.Tokens("a\",", "a\"}", "a\"]", "\",\"b\":", "ab");
        var grammar = Grammars.Compile(
            Grammars.Schema("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"null"}},"required":["a","b"]}"""), tokens);
        var cursor = new GrammarCursor(grammar);
        foreach (var value in "{\"a\":\"x") Assert.True(cursor.TryAdvance(value));
        var next = Grammars.Next(cursor, tokens);
        Assert.Contains("a\",", next);
        Assert.Contains("\",\"b\":", next);
        Assert.Contains("ab", next);
        Assert.DoesNotContain("a\"}", next);
        Assert.DoesNotContain("a\"]", next);
        Assert.True(cursor.TryAdvance(tokens.Id("\",\"b\":")));
        Assert.Equal(["n", " "], Grammars.Next(cursor, tokens).OrderDescending());
    }

    [Fact]
    public void A_token_has_no_more_characters_than_the_string_may_have()
    {
        var tokens = new Grammars.Tokens("ab", "abc", "abcd", "\"", "a\"", "abc\"", "é😀");
        var cursor = new GrammarCursor(Grammars.Compile(Grammars.Schema("""{"type":"string","minLength":2,"maxLength":3}"""), tokens));
        Assert.True(cursor.TryAdvance('"'));
        var next = Grammars.Next(cursor, tokens);
        Assert.Empty(new[] { "ab", "abc", "abc\"", "é😀" }.Except(next));
        Assert.Empty(next.Intersect(["abcd", "\"", "a\""]));
        Assert.True(cursor.TryAdvance(tokens.Id("ab")));
        next = Grammars.Next(cursor, tokens);
        Assert.Empty(new[] { "\"", "a\"" }.Except(next));
        Assert.Empty(next.Intersect(["ab", "abc", "abc\"", "é😀"]));
    }

    [Fact]
    public void A_refused_token_changes_nothing()
    {
        var tokens = new Grammars.Tokens("[1,x", "[1,2");
        var cursor = new GrammarCursor(Grammars.Compile(Grammars.Schema("""{"items":{"type":"integer"},"type":"array"}"""), tokens));
        Assert.False(cursor.TryAdvance(tokens.Id("[1,x")));
        Assert.False(cursor.TryAdvance(9999));
        Assert.False(cursor.TryAdvance([]));
        Assert.True(cursor.TryAdvance(tokens.Id("[1,2")));
        Assert.False(cursor.IsAccepting);
        Assert.True(cursor.TryAdvance(']'));
        Assert.True(cursor.IsAccepting);
        Assert.Empty(Grammars.Next(cursor, tokens));
    }

    [Fact]
    public void A_copy_goes_its_own_way()
    {
        var tokens = new Grammars.Tokens();
        var grammar = Grammars.Compile(GrammarSpec.AnyObject(), tokens);
        var (cursor, copy) = (new GrammarCursor(grammar), new GrammarCursor(grammar));
        foreach (var value in "{\"a\":[{\"b\":") Assert.True(cursor.TryAdvance(value));
        copy.CopyFrom(cursor);
        foreach (var value in "1}]}") Assert.True(cursor.TryAdvance(value));
        Assert.True(cursor.IsAccepting);
        Assert.False(copy.IsAccepting);
        foreach (var value in "[]}]}") Assert.True(copy.TryAdvance(value));
        Assert.True(copy.IsAccepting);
        copy.CopyFrom(cursor);
        Assert.Empty(Grammars.Next(copy, tokens));
    }

    [Fact]
    public void Ways_that_differ_only_below_do_not_multiply()
    {
        // Two rules that read the same and call each other: 2 to the 40th ways to have come here.
        var tokens = new Grammars.Tokens();
        var grammar = Grammars.Compile(Grammars.Schema("""
            {"$defs":{"a":{"type":"array","items":{"anyOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}]}},
                      "b":{"type":"array","items":{"anyOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/a"}]}}},
             "type":"array","items":{"anyOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/a"}]}}
            """), tokens);
        var cursor = new GrammarCursor(grammar);
        for (var i = 0; i < 40; i++) Assert.True(cursor.TryAdvance('['));
        for (var i = 0; i < 40; i++) Assert.True(cursor.TryAdvance(']'));
        Assert.True(cursor.IsAccepting);
    }

    [Fact]
    public void A_space_that_the_text_will_lose_may_come_first()
    {
        var tokens = new Grammars.Tokens(" {", " true", " ") { StripsLeadingSpace = true };
        var grammar = Grammars.Compile(Grammars.Schema("""{"type":"boolean"}"""), tokens);
        var plain = new GrammarCursor(grammar);
        Assert.DoesNotContain(" true", Grammars.Next(plain, tokens));
        var cursor = new GrammarCursor(grammar, stripsLeadingSpace: true);
        Assert.Empty(new[] { " true", " ", "t", "f" }.Except(Grammars.Next(cursor, tokens)));
        Assert.DoesNotContain(" {", Grammars.Next(cursor, tokens));
        Assert.True(cursor.TryAdvance(tokens.Id(" true")));
        Assert.True(cursor.IsAccepting);
    }

    [Fact]
    public void A_grammar_that_needs_a_byte_which_is_no_token_is_not_bound()
    {
        Assert.True(GrammarApi.TryCompile(GrammarSpec.Literal("a~"), GrammarLimits.Default, out var tables, out _));
        Assert.False(TokenGrammar.TryCreate(tables, new(new Grammars.Tokens("a~") { Lacks = '~' }), out _, out var missing));
        Assert.Equal((byte)'~', missing);
        Assert.True(TokenGrammar.TryCreate(tables, new(new Grammars.Tokens { Lacks = '!' }), out _, out _));
    }
}

/// <summary>One letter as a token.</summary>
internal static class CursorLetters
{
    public static bool TryAdvance(this GrammarCursor cursor, char letter) => cursor.TryAdvance([(byte)letter]);
}
