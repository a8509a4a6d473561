using System.Text;

namespace StreamCore.Engines.Tokenization.Normalizers;

/// <summary>The four normalization forms of Unicode.</summary>
internal enum UnicodeForm
{
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// <summary>
/// Unicode normalization (UAX #15). Our own, because the program runs with invariant globalization, where
/// <see cref="string.Normalize()"/> leaves every text as it is.
/// </summary>
internal static class UnicodeNormalization
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    public static string Normalize(string text, UnicodeForm form)
    {
        // Below these nothing changes: U+0300 is the first combining mark, U+00C0 the first letter that decomposes,
        // U+00A0 the first character with a compatibility form.
        var firstChanged = form switch { UnicodeForm.Nfc => '\u0300', UnicodeForm.Nfd => '\u00C0', _ => '\u00A0' };
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(firstChanged - 1)))
            return text;
        // Most text is composed as it comes, and finding that out is far cheaper than composing it again.
        if (form == UnicodeForm.Nfc && IsComposed(text))
            return text;

        // 1. Decompose; 2. put runs of marks into canonical order; 3. compose.
        var points = new List<int>(text.Length + 16);
        var data = UnicodeData.Shared;
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, form is UnicodeForm.Nfkc or UnicodeForm.Nfkd, data, points);
        Reorder(points, data);
        if (form is UnicodeForm.Nfc or UnicodeForm.Nfkc)
            Compose(points, data);

        var result = new StringBuilder(points.Count + 16);
        Span<char> units = stackalloc char[2];
        foreach (var point in points)
            result.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        return result.ToString();
    }

    /// <summary>Whether no character may change or join another. False where that needs a closer look.</summary>
    private static bool IsComposed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (UnicodeData.Shared.MayCompose(rune.Value))
                return false;
        }
        return true;
    }

    private static void Decompose(int point, bool compatibility, UnicodeData data, List<int> points)
    {
        if (point < 0xA0)
        {
            points.Add(point);
        }
        else if (point is >= SBase and < SBase + SCount)
        {
            var index = point - SBase;
            points.Add(LBase + index / (VCount * TCount));
            points.Add(VBase + index % (VCount * TCount) / TCount);
            if (index % TCount != 0)
                points.Add(TBase + index % TCount);
        }
        else if (data.Decomposition(point, compatibility) is { } parts)
        {
            points.AddRange(parts);
        }
        else
        {
            points.Add(point);
        }
    }

    private static void Reorder(List<int> points, UnicodeData data)
    {
        // An insertion sort within each run of marks: runs are a few marks long.
        for (var i = 1; i < points.Count; i++)
        {
            var order = data.Order(points[i]);
            if (order == 0)
                continue;
            var (point, at) = (points[i], i);
            for (; at > 0 && data.Order(points[at - 1]) > order; at--)
                points[at] = points[at - 1];
            points[at] = point;
        }
    }

    private static void Compose(List<int> points, UnicodeData data)
    {
        int starter = -1, lastOrder = 0, kept = 0;
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            var order = data.Order(point);
            // A character is blocked from its starter by one in between that is a starter or of the same class or higher.
            var adjacent = starter == kept - 1;
            if (starter >= 0 && (adjacent || lastOrder < order) && (adjacent || lastOrder != 0)
                && Pair(points[starter], point, data) is var composed and >= 0)
            {
                points[starter] = composed;
                continue;
            }
            if (order == 0)
                starter = kept;
            lastOrder = order;
            points[kept++] = point;
        }
        points.RemoveRange(kept, points.Count - kept);
    }

    private static int Pair(int first, int second, UnicodeData data)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return SBase + ((first - LBase) * VCount + (second - VBase)) * TCount;
        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0
            && second is > TBase and < TBase + TCount)
            return first + (second - TBase);
        return data.Composition(first, second);
    }
}
