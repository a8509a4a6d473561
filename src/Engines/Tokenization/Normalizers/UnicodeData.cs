using System.Collections;
using System.Globalization;

namespace StreamCore.Engines.Tokenization.Normalizers;

/// <summary>
/// What normalization knows of characters, read once from the embedded UnicodeData.txt (made by make-unicode-data.mjs).
/// Hangul syllables are not in it: they are computed.
/// </summary>
internal sealed class UnicodeData
{
    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly Dictionary<int, byte> _orders = [];
    private readonly BitArray _mayCompose = new(0x30000);

    private UnicodeData(TextReader source)
    {
        while (source.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            switch (fields[0])
            {
                case "D":
                    _canonical.Add(Point(fields[1]), Points(fields));
                    break;
                case "K":
                    _compatible.Add(Point(fields[1]), Points(fields));
                    break;
                case "C":
                    _compositions.Add((Point(fields[2]), Point(fields[3])), Point(fields[1]));
                    break;
                case "O":
                    var order = byte.Parse(fields[1], CultureInfo.InvariantCulture);
                    foreach (var point in Points(fields))
                        _orders.Add(point, order);
                    break;
            }
        }
        MarkComposing();
    }

    public static UnicodeData Shared { get; } = Read();

    /// <summary>The full decomposition, or null where a character is its own.</summary>
    public int[]? Decomposition(int point, bool compatibility) =>
        compatibility && _compatible.TryGetValue(point, out var parts) ? parts : _canonical.GetValueOrDefault(point);

    /// <summary>The character that the two compose to, or -1.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault((first, second), -1);

    /// <summary>The rank of the combining class, which orders marks as the class itself would; 0 for starters.</summary>
    public int Order(int point) => point < 0x300 ? 0 : _orders.GetValueOrDefault(point);

    /// <summary>Whether the composed form may differ where this character is: marks, what composes with the character before
    /// it, and what has a decomposition that is not composed again.</summary>
    public bool MayCompose(int point) => point >= 0x300 && point < _mayCompose.Length && _mayCompose[point];

    private void MarkComposing()
    {
        foreach (var point in _canonical.Keys.Except(_compositions.Values).Concat(_orders.Keys))
            _mayCompose[point] = true;
        foreach (var (_, second) in _compositions.Keys)
            _mayCompose[second] = true;
        // Vowels and finals of Hangul.
        for (var point = 0x1161; point <= 0x11C2; point++)
            _mayCompose[point] = true;
    }

    private static UnicodeData Read()
    {
        var stream = typeof(UnicodeData).Assembly.GetManifestResourceStream("StreamCore.Engines.Tokenization.UnicodeData.txt")
            ?? throw new InvalidOperationException("UnicodeData.txt is not embedded.");
        using var reader = new StreamReader(stream);
        return new UnicodeData(reader);
    }

    private static int[] Points(string[] fields) => [.. fields[2..].Select(Point)];

    private static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
