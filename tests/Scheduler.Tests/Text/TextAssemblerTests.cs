using System.Text;
using StreamCore.Scheduler.Text;
using Xunit;

namespace StreamCore.Scheduler.Tests.Text;

public sealed class TextAssemblerTests
{
    /// <summary>Bytes and stop strings, in alphabets small enough that matches, near matches and overlaps are common.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_split_into_tokens_gives_the_plain_text(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var bytes = RandomBytes(random);
            var stops = Enumerable.Range(0, random.Next(4)).Select(_ => RandomStop(random)).ToArray();
            var strip = random.Next(2) == 0;
            var expected = PlainText.Of(bytes, strip, stops, out var stop);
            foreach (var tokens in new[] { [bytes], Single(bytes), Pieces(bytes, random), Pieces(bytes, random) })
            {
                var (text, found) = Assemble(tokens, strip, stops);
                Assert.Equal((expected, stop), (text, found));
            }
        }
    }

    [Theory]
    [InlineData("61 F0 9F", "a\uFFFD")]
    [InlineData("F0 9F 61", "\uFFFDa")]
    [InlineData("F0 80 80 41", "\uFFFD\uFFFD\uFFFDA")] // Unicode 16, table 3-8: 80 cannot follow F0
    [InlineData("E1 80 E2 F0 91 92 F1 BF 41", "\uFFFD\uFFFD\uFFFD\uFFFDA")] // table 3-11
    [InlineData("ED A0 80 ED BF BF ED AF 41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA")] // table 3-9
    [InlineData("C0 AF E0 80 BF F0 81 82 41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA")] // table 3-8
    [InlineData("EF BB BF 41", "\uFEFFA")]
    public void Invalid_bytes_become_replacement_characters(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", ""));
        Assert.Equal(expected, Assemble([bytes], strip: false, []).Text);
        Assert.Equal(expected, Assemble(Single(bytes), strip: false, []).Text);
    }

    [Theory]
    [InlineData("abababc", "ababc", "ab")]
    [InlineData("aabaaab", "aaab", "aab")]
    [InlineData("xSTOP", "STOP", "x")]
    [InlineData("日本語", "語", "日本")]
    [InlineData("a\uFFFDb", "\uFFFD", "a")]
    public void A_stop_string_is_found_after_false_starts(string said, string stop, string expected)
    {
        Assert.Equal((expected, stop), Assemble(Single(Encoding.UTF8.GetBytes(said)), strip: false, [stop]));
    }

    [Fact]
    public void Of_two_stop_strings_the_first_complete_ends_the_text()
    {
        Assert.Equal(("a", "bc"), Assemble(["abcd"u8.ToArray()], strip: false, ["abcd", "bc"]));
        Assert.Equal(("", "abc"), Assemble(["abcd"u8.ToArray()], strip: false, ["bc", "abc", "c"]));
    }

    [Fact]
    public void Only_a_beginning_of_a_stop_string_is_held_back()
    {
        var text = new TextAssembler(new StopStrings(["</end>"]), false);
        text.Append("1 < 2 </e"u8);
        Assert.Equal("1 < 2 ".Length, text.Released);
        text.Append("x"u8);
        Assert.Equal("1 < 2 </ex".Length, text.Released);
        text.Append("</end"u8);
        text.End();
        Assert.Equal("1 < 2 </ex</end".Length, text.Released);
        text.ReturnBuffers();
    }

    [Fact]
    public void Text_that_was_released_stays_where_it_is_when_the_buffer_grows()
    {
        var text = new TextAssembler(new StopStrings([]), false);
        text.Append("first"u8);
        var old = text.Buffer;
        for (var i = 0; i < 10_000; i++) text.Append("more"u8);
        Assert.NotSame(old, text.Buffer);
        Assert.Equal("first"u8.ToArray(), old[..5]);
        Assert.Equal("first"u8.ToArray(), text.Buffer[..5]);
        text.ReturnBuffers();
    }

    /// <summary>Feeds the tokens and checks at every one that what is released is whole, final and free of stop strings.</summary>
    private static (string Text, string? Stop) Assemble(IEnumerable<byte[]> tokens, bool strip, string[] stops)
    {
        var assembler = new TextAssembler(new StopStrings(stops), strip);
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var shown = "";
        var isOver = false;
        foreach (var token in tokens)
        {
            isOver = assembler.Append(token);
            var now = strict.GetString(assembler.Buffer.AsSpan(0, assembler.Released));
            Assert.StartsWith(shown, now, StringComparison.Ordinal);
            shown = now;
            if (isOver) break;
        }

        if (!isOver) assembler.End();
        var text = strict.GetString(assembler.Buffer.AsSpan(0, assembler.Released));
        Assert.StartsWith(shown, text, StringComparison.Ordinal);
        assembler.ReturnBuffers();
        return (text, assembler.StopString);
    }

    private static byte[] RandomBytes(Random random)
    {
        byte[][] alphabet = random.Next(3) switch
        {
            0 => [[(byte)'a'], [(byte)'b'], [(byte)' ']],
            1 => [[(byte)'a'], [.. "é"u8], [.. "日"u8], [.. "😀"u8], [.. "\u65E6"u8], [(byte)' ']],
            _ => [[0xF0], [0x9F], [0x98], [0x80], [0xE6], [0x97], [0xA5], [0xC3], [0xA9], [0xED], [0xFF], [(byte)'a']],
        };
        return [.. Enumerable.Range(0, random.Next(30)).SelectMany(_ => alphabet[random.Next(alphabet.Length)])];
    }

    private static string RandomStop(Random random)
    {
        string[] alphabet = random.Next(2) == 0 ? ["a", "b", " "] : ["a", "é", "日", "😀", "\uFFFD"];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    private static List<byte[]> Single(byte[] bytes) => [.. bytes.Select(value => new[] { value })];

    private static List<byte[]> Pieces(byte[] bytes, Random random)
    {
        var pieces = new List<byte[]>();
        for (var i = 0; i < bytes.Length;)
        {
            var length = Math.Min(random.Next(6), bytes.Length - i);
            pieces.Add(bytes[i..(i + length)]);
            i += length;
        }

        return pieces;
    }
}
