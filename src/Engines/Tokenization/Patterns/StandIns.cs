using System.Globalization;
using System.Text;

namespace StreamCore.Engines.Tokenization.Patterns;

/// <summary>
/// For each general category a character of the basic plane that stands for the characters of that category beyond it.
/// They are from scripts no tokenizer's pattern names, so that a range written out in a pattern does not catch them.
/// </summary>
internal static class StandIns
{
    /// <summary>For Chinese characters beyond the basic plane: a compatibility ideograph, so that <c>\p{Han}</c> holds.</summary>
    public const char Ideograph = '\uFAD9';

    // In the order of UnicodeCategory.
    private const string ByCategory =
        "\uA77E\uA77F\u1F88\uAA70\uA840" +  // Lu Ll Lt Lm Lo
        "\uA8C4\uA8B4\u20DD" +              // Mn Mc Me
        "\uA8D0\uA6E6\uA830" +              // Nd Nl No
        "\u205F\u2028\u2029" +              // Zs Zl Zp
        "\u0086\u206A\uFFFD\uE000" +        // Cc Cf Cs Co; a lone surrogate has been replaced before
        "\uFE4D\uFE58\uFE17\uFE18\u2E02\u2E03\uA8CE" + // Pc Pd Ps Pe Pi Pf Po
        "\u2A00\uA838\uA700\uA828\u0378";   // Sm Sc Sk So Cn

    public static char For(Rune rune) =>
        rune.Value is >= 0x20000 and < 0x40000 && Rune.GetUnicodeCategory(rune) == UnicodeCategory.OtherLetter
            ? Ideograph
            : Of(Rune.GetUnicodeCategory(rune));

    public static char Of(UnicodeCategory category) => ByCategory[(int)category];
}
