using System.Text;

namespace StreamCore.LoadTests.Prompts;

/// <summary>Writes texts of so many tokens out of words whose tokens are known.</summary>
/// <param name="words">Each word with the tokens it takes in the middle of a text; none takes zero.</param>
/// <param name="measured">Whether a server told the tokens; else each word counts as one.</param>
internal sealed class PromptWriter(IReadOnlyList<(string Text, int Tokens)> words, bool measured)
{
    private readonly (string Text, int Tokens) _shortest = words.MinBy(word => word.Tokens);

    /// <summary>Where nobody can be asked: a word is a token.</summary>
    public static PromptWriter CountingWords { get; } = new([.. Words.All.Select(word => (word, 1))], measured: false);

    public bool Measured => measured;

    /// <summary>A text of that many tokens, or a little more where no word is short enough to meet it.</summary>
    public string Write(Random random, int tokens)
    {
        var text = new StringBuilder(tokens * 6);
        for (var left = tokens; left > 0;)
        {
            var word = words[random.Next(words.Count)];
            // What does not fit any more gives way to the shortest word, which may still stand over.
            if (word.Tokens > left) word = _shortest;
            if (text.Length > 0) text.Append(' ');
            text.Append(word.Text);
            left -= word.Tokens;
        }

        return text.ToString();
    }
}
