using System.Text;
using StreamCore.Scheduler;

namespace StreamCore.Micro;

/// <summary>A vocabulary of a size, shaped like those of byte-level BPE: all bytes, words with and without a space before them,
/// runs of digits and punctuation, and pieces that cross the structure of JSON.</summary>
internal sealed class MadeTokenizer : ITokenizer
{
    private static readonly string[] Structure =
        ["\":", "\": \"", "\",", "\", \"", "\"}", "\"},", "\"},{\"", "},", "}, {", "]}", "}]", "{\"", "[\"", "[{", "\":[", "\":{", "\\n", "\\\"", "\\u", "true", "false", "null"];

    private readonly byte[][] _texts;

    public MadeTokenizer(int size, int seed)
    {
        var random = new Random(seed);
        var texts = new List<byte[]>(Enumerable.Range(0, 256).Select(value => new[] { (byte)value }));
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Structure)
        {
            if (known.Add(text)) texts.Add(Encoding.UTF8.GetBytes(text));
        }

        while (texts.Count < size - 1)
        {
            var text = Make(random);
            if (known.Add(text)) texts.Add(Encoding.UTF8.GetBytes(text));
        }

        texts.Add([]); // ends the answer
        _texts = [.. texts];
    }

    public int VocabularySize => _texts.Length;

    public int End => _texts.Length - 1;

    public bool StripsLeadingSpace => false;

    public ReadOnlySpan<byte> Bytes(int id) => _texts[id];

    public ReadOnlySpan<byte> Spelling(int id) => _texts[id];

    public bool IsSpecial(int id) => id == End;

    public int[] Encode(string text, bool special) => throw new NotSupportedException();

    public bool TryGetId(string token, out int id) => throw new NotSupportedException();

    private static string Make(Random random)
    {
        const string Letters = "etaoinshrdlucmfwypvbgkjqxz", Marks = "\"'.,:;()[]{}<>/\\=-_+*#!?\n\t ";
        var text = new StringBuilder();
        switch (random.Next(20))
        {
            case 0: // punctuation, a quarter of it with quotation marks
                for (var i = random.Next(2, 5); i > 0; i--) text.Append(Marks[random.Next(Marks.Length)]);
                break;
            case 1:
                for (var i = random.Next(1, 4); i > 0; i--) text.Append((char)('0' + random.Next(10)));
                break;
            case 2 or 3: // other scripts
                for (var i = random.Next(1, 4); i > 0; i--) text.Append((char)(0x4E00 + random.Next(3000)));
                break;
            default:
                if (random.Next(2) == 0) text.Append(' ');
                for (var i = random.Next(2, 11); i > 0; i--) text.Append(Letters[(int)(Letters.Length * random.NextDouble() * random.NextDouble())]);
                if (random.Next(40) == 0) text.Append(Marks[random.Next(4)]);
                break;
        }

        return text.ToString();
    }
}
