namespace StreamCore.Engines.Import.Gguf;

/// <summary>
/// The merges of a SentencePiece BPE model. Its file has scores instead: of all neighbours that together are a piece, the pair whose piece has
/// the highest score is joined first. So every way to cut a piece in two pieces is a merge, and the scores are their order.
/// </summary>
internal static class SentencePieceMerges
{
    /// <param name="scores">Of each piece that may be joined; others, such as control tokens, are not in it.</param>
    /// <param name="ids">Of the same pieces.</param>
    public static IEnumerable<(string Left, string Right)> From(
        IReadOnlyDictionary<string, double> scores, IReadOnlyDictionary<string, int> ids)
    {
        var merges = new List<(string Left, string Right, double Score)>();
        foreach (var (piece, score) in scores)
            for (var cut = 1; cut < piece.Length; cut++)
                if (!char.IsLowSurrogate(piece[cut]) && ids.ContainsKey(piece[..cut]) && ids.ContainsKey(piece[cut..]))
                    merges.Add((piece[..cut], piece[cut..], score));
        // Among equals the order is that of Hugging Face's converter.
        return merges
            .OrderByDescending(merge => merge.Score)
            .ThenByDescending(merge => merge.Left.Length)
            .ThenByDescending(merge => merge.Right.Length)
            .ThenBy(merge => ids[merge.Left])
            .ThenBy(merge => ids[merge.Right])
            .Select(merge => (merge.Left, merge.Right));
    }
}
