using System.Globalization;
using System.Text;

namespace StreamCore.HttpBench.Peers;

/// <summary>One token: a word, or the moment it was due, which the client compares with its arrival.</summary>
/// <param name="Due">A timestamp of this machine's monotonic clock, the same in all processes; 0 for a word.</param>
internal readonly record struct Token(long Due, int Index)
{
    /// <summary>Digits of a due time, always as many, so that prepared bytes can be patched.</summary>
    public const int DueDigits = 19;

    // Nothing that the framework's default encoder would escape and ours not: the peers must say the same.
    private static readonly string[] Words = [" the", " of", " stream", "ing", " answers", ",", " and", " others", " token", "s", "."];
    private static readonly byte[][] EncodedWords = [.. Words.Select(Encoding.UTF8.GetBytes)];

    public string Text => Due == 0 ? Words[Index % Words.Length] : Due.ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>The text as UTF-8; scratch has room for a due time.</summary>
    public ReadOnlySpan<byte> Utf8(Span<byte> scratch)
    {
        if (Due == 0) return EncodedWords[Index % EncodedWords.Length];
        WriteDue(scratch);
        return scratch[..DueDigits];
    }

    public void WriteDue(Span<byte> target) => Due.TryFormat(target, out _, "D19", CultureInfo.InvariantCulture);
}
