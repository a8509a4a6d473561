using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamCore.StackFlowSimulator;

/// <summary>
/// What a simulated model answers: words drawn by a hash of the model and of all that the unit saw, so that a test can compute the
/// answer itself and a mix-up, a loss or a wrong character shows.
/// The first word repeats the last word seen. Where the text asks for "N words" there are N, else between 6 and 40, and a full stop.
/// Now and then a word has characters of several bytes. Models that think aloud begin with a think block.
/// </summary>
public static partial class SimulatedText
{
    private const int MaxWords = 4096;

    private static readonly string[] Vocabulary =
    [
        "the", "a", "river", "engine", "morning", "quiet", "machine", "window", "carries", "answers", "small", "bright", "café", "naïve",
        "garden", "and", "with", "under", "beyond", "signal", "paper", "train", "listens", "writes", "keeps", "older", "Zürich", "señor",
        "mountain", "letter", "copper", "of", "in", "while", "until", "bread", "harbour", "turns", "follows", "opens", "日本語", "模型",
        "winter", "lamp", "bridge", "slowly", "often", "never", "song", "field", "stone", "cloud", "reads", "finds", "слово", "😀",
    ];

    /// <summary>The whole answer to what was seen.</summary>
    public static string Of(string model, string seen) => string.Concat(Tokens(model, seen));

    /// <summary>The answer's tokens. An empty one is the first half of a character that the next one completes.</summary>
    public static IReadOnlyList<string> Tokens(string model, string seen)
    {
        var draws = new Draws(model, seen);
        var tokens = new List<string>();
        if (Thinks(model))
        {
            tokens.Add("<think>");
            tokens.Add("\n");
            AddWords(tokens, "Hm", 3 + draws.Next(6), ref draws);
            tokens.Add("\n");
            tokens.Add("</think>");
            tokens.Add("\n\n");
        }

        AddWords(tokens, LastWord(seen), WordsAskedFor(seen) ?? 6 + draws.Next(35), ref draws);
        tokens.Add(".");
        return tokens;
    }

    /// <summary>What a text unit sees of an inference: the system prompt as this model's template has it, the images, and the user's
    /// turns (one, or for a context model all since the last reset), a line each.</summary>
    public static string Seen(string model, string system, IEnumerable<string> turns, params IEnumerable<byte[]> images)
    {
        var parts = images.Select(image => "[image " + Convert.ToHexStringLower(SHA256.HashData(image))[..8] + "]").ToList();
        var prompt = SystemSeen(model, system, parts.Count > 0);
        if (prompt.Length > 0) parts.Insert(0, prompt);
        parts.AddRange(turns);
        return string.Join('\n', parts);
    }

    /// <summary>Tokens of a text as the simulated tokenizers count: one for each four bytes of UTF-8 begun.</summary>
    public static int CountTokens(string text) => (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    /// <summary>So many words, as they are heard in a sound.</summary>
    internal static string Words(string model, string seed, int count)
    {
        var draws = new Draws(model, seed);
        return string.Join(' ', Enumerable.Range(0, count).Select(_ => Vocabulary[draws.Next(Vocabulary.Length)]));
    }

    private static bool Thinks(string model) =>
        model.StartsWith("deepseek-r1", StringComparison.Ordinal)
        || (model.StartsWith("qwen3-", StringComparison.Ordinal) && !model.StartsWith("qwen3-vl", StringComparison.Ordinal));

    /// <summary>Some templates leave the system prompt out, one adds a full stop.</summary>
    private static string SystemSeen(string model, string system, bool withImage) =>
        model.StartsWith("llama3.2", StringComparison.Ordinal) || (withImage && model.StartsWith("internvl2.5", StringComparison.Ordinal)) ? ""
        : model == "qwen2.5-0.5B-prefill-20e" ? system + "."
        : system;

    private static void AddWords(List<string> tokens, string first, int count, ref Draws draws)
    {
        for (var i = 0; i < count; i++)
        {
            var word = i == 0 ? first : " " + Vocabulary[draws.Next(Vocabulary.Length)];
            if (char.IsSurrogate(word[^1])) tokens.Add("");
            tokens.Add(word);
        }
    }

    private static string LastWord(string seen) => Word().Match(seen) is { Success: true } word ? word.Value : "Well";

    private static int? WordsAskedFor(string seen) =>
        Asked().Match(seen) is { Success: true } asked
            ? Math.Clamp(int.Parse(asked.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 1, MaxWords)
            : null;

    [GeneratedRegex(@"[\p{L}\p{N}]{1,40}", RegexOptions.RightToLeft)]
    private static partial Regex Word();

    [GeneratedRegex(@"([0-9]{1,6}) words", RegexOptions.RightToLeft)]
    private static partial Regex Asked();

    /// <summary>Numbers drawn from the hash, by SplitMix64.</summary>
    private struct Draws(string model, string seen)
    {
        private ulong _state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(model + '\0' + seen)));

        public int Next(int below)
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
        }
    }
}
