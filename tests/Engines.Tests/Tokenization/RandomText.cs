using System.Text;

namespace StreamCore.Engines.Tests.Tokenization;

/// <summary>Texts of all kinds of characters, with the combinations that tokenizers treat specially.</summary>
internal static class RandomText
{
    private static readonly string[] Fragments =
        [" ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "'ſ", "the", " server", "12", "١", "...", "é", "e\u0301", "你好", "नमस्ते", "👨‍👩‍👧", "𝒜", "𠀀", "</s>", "▁"];

    public static string Draw(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            if (random.Next(2) == 0)
                text.Append(Fragments[random.Next(Fragments.Length)]);
            else
                text.Append(DrawRune(random));
        }
        return text.ToString();
    }

    private static Rune DrawRune(Random random)
    {
        var limit = random.Next(4) switch { 0 => 0x80, 1 => 0x3000, 2 => 0x10000, _ => 0x32000 };
        int value;
        do
            value = random.Next(limit);
        while (!Rune.IsValid(value));
        return new Rune(value);
    }
}
