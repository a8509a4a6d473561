namespace StreamCore.Scheduler;

/// <summary>Text to tokens and back. Immutable and safe for many threads.</summary>
public interface ITokenizer
{
    /// <summary>One more than the largest token id.</summary>
    int VocabularySize { get; }

    /// <summary>
    /// The tokens of <paramref name="text"/>. With <paramref name="special"/> the spellings of special tokens inside the text
    /// become those tokens (a rendered chat template); without it they are plain text (what a user typed).
    /// Nothing is added at either end.
    /// </summary>
    int[] Encode(string text, bool special);

    /// <summary>The bytes that token <paramref name="id"/> adds to the text; empty for special tokens and unknown ids.
    /// Bytes of several tokens joined are UTF-8, single ones need not be.</summary>
    ReadOnlySpan<byte> Bytes(int id);

    /// <summary>The bytes of <see cref="Bytes"/>, and for special tokens their spelling; empty for unknown ids only.</summary>
    ReadOnlySpan<byte> Spelling(int id);

    /// <summary>Whether the joined bytes of a whole text start with one space that is not part of it (SentencePiece's dummy prefix).</summary>
    bool StripsLeadingSpace { get; }

    bool IsSpecial(int id);

    /// <summary>The id of the token spelled exactly <paramref name="token"/>, special ones included.</summary>
    bool TryGetId(string token, out int id);
}
