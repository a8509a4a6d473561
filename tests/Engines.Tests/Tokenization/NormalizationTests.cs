using System.Text;
using System.Text.Json;
using StreamCore.Engines.Tokenization.Normalizers;
using Xunit;

namespace StreamCore.Engines.Tests.Tokenization;

public class NormalizationTests
{
    // Of the Unicode report on normalization (UAX #15), and the cases where a mark is blocked or reordered.
    [Theory]
    [InlineData("e\u0301", "\u00e9", "e\u0301", "\u00e9", "e\u0301")]
    [InlineData("\u212b", "\u00c5", "A\u030a", "\u00c5", "A\u030a")]
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323", "\u017f\u0323\u0307", "\u1e69", "s\u0323\u0307")]
    [InlineData("s\u0307\u0323", "\u1e69", "s\u0323\u0307", "\u1e69", "s\u0323\u0307")]
    [InlineData("\ufb01\u00bd\u3000", "\ufb01\u00bd\u3000", "\ufb01\u00bd\u3000", "fi1\u20442 ", "fi1\u20442 ")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c", "\u1112\u1161\u11ab", "\ud55c", "\u1112\u1161\u11ab")]
    [InlineData("\uac00\u11a8", "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8")]
    [InlineData("\u0958", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c")]
    [InlineData("a\u0315\u0300\u05ae\u0062", "\u00e0\u05ae\u0315b", "a\u05ae\u0300\u0315b", "\u00e0\u05ae\u0315b", "a\u05ae\u0300\u0315b")]
    [InlineData("\ud834\udd5e", "\ud834\udd57\ud834\udd65", "\ud834\udd57\ud834\udd65", "\ud834\udd57\ud834\udd65", "\ud834\udd57\ud834\udd65")]
    public void Text_takes_the_four_forms(string text, string nfc, string nfd, string nfkc, string nfkd)
    {
        Assert.Equal(nfc, UnicodeNormalization.Normalize(text, UnicodeForm.Nfc));
        Assert.Equal(nfd, UnicodeNormalization.Normalize(text, UnicodeForm.Nfd));
        Assert.Equal(nfkc, UnicodeNormalization.Normalize(text, UnicodeForm.Nfkc));
        Assert.Equal(nfkd, UnicodeNormalization.Normalize(text, UnicodeForm.Nfkd));
    }

    [Fact]
    public void Text_that_is_composed_already_is_told_from_text_that_is_not()
    {
        // The mark at the end forces the long way.
        for (var point = 0xA0; point < 0x30000; point++)
        {
            if (!Rune.IsValid(point))
                continue;
            foreach (var text in new[] { new Rune(point).ToString(), "e" + new Rune(point), "\uac00" + new Rune(point) })
                Assert.Equal(UnicodeNormalization.Normalize(text + " \u0334", UnicodeForm.Nfc), UnicodeNormalization.Normalize(text, UnicodeForm.Nfc) + " \u0334");
        }
    }

    [Fact]
    public void A_form_is_stable()
    {
        var random = new Random(5);
        foreach (var form in Enum.GetValues<UnicodeForm>())
        {
            for (var i = 0; i < 200; i++)
            {
                var once = UnicodeNormalization.Normalize(RandomText.Draw(random, 30), form);
                Assert.Equal(once, UnicodeNormalization.Normalize(once, form));
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁a")]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"$0"}""", "a b", "a$0b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"$0"}""", "a  b", "a$0b")]
    [InlineData("""{"type":"Lowercase"}""", "ÀİΣ", "ài\u0307σ")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", "\u3000a ", "a ")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Lowercase"}]}""", "ﬁＡ", "fia")]
    public void Normalizers_do_what_they_are_named_for(string json, string text, string expected) =>
        Assert.Equal(expected, NormalizerFactory.Create(JsonElement.Parse(json))!.Normalize(text));
}
