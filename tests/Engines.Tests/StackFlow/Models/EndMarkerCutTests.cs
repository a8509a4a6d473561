using System.Text;
using StreamCore.Engines.StackFlow.Models;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Models;

public class EndMarkerCutTests
{
    private static readonly string[] Markers = ["<|im_end|>", "<|endoftext|>", "<｜end▁of▁sentence｜>"];

    [Theory]
    [InlineData("All well.<|im_end|>\nuser: more", "All well.", true)]
    [InlineData("Eins<|endoftext|>zwei<|im_end|>", "Eins", true)]
    [InlineData("好<｜end▁of▁sentence｜>", "好", true)]
    [InlineData("<|im_end|>", "", true)]
    [InlineData("a<<|im_end|>", "a<", true)]
    [InlineData("a <|im_en", "a <|im_en", false)]
    [InlineData("a <|im_<|im_end", "a <|im_<|im_end", false)]
    [InlineData("1 < 2 <| x", "1 < 2 <| x", false)]
    [InlineData("", "", false)]
    public void The_text_ends_at_the_first_marker_however_it_comes(string text, string expected, bool isCut)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
                Check(expected, isCut, bytes[..first], bytes[first..second], bytes[second..]);
        }

        Check(expected, isCut, [.. bytes.Select(b => new[] { b })]);
    }

    [Fact]
    public void What_cannot_become_a_marker_is_not_held_back()
    {
        var cut = new EndMarkerCut(Markers);
        Assert.Equal("Hello "u8.ToArray(), cut.Append("Hello "u8).ToArray());
        Assert.Equal("wor"u8.ToArray(), cut.Append("wor<|im"u8).ToArray());
        Assert.Equal("<|image"u8.ToArray(), cut.Append("age"u8).ToArray());
    }

    private static void Check(string expected, bool isCut, params byte[][] pieces)
    {
        var cut = new EndMarkerCut(Markers);
        var text = new List<byte>();
        foreach (var piece in pieces) text.AddRange(cut.Append(piece).Span);
        text.AddRange(cut.End().Span);
        Assert.Equal(expected, Encoding.UTF8.GetString([.. text]));
        Assert.Equal(isCut, cut.HasEnded);
    }
}
