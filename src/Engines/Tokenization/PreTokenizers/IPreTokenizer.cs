namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>Cuts pieces into smaller ones, and may rewrite them. Pure; no piece it gives is empty.</summary>
internal interface IPreTokenizer
{
    void Apply(List<Piece> pieces, List<Piece> output);
}

/// <summary>One after the other, each over all pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public void Apply(List<Piece> pieces, List<Piece> output)
    {
        if (steps.Count == 0)
        {
            output.AddRange(pieces);
            return;
        }
        var current = pieces;
        foreach (var step in steps)
        {
            var next = ReferenceEquals(step, steps[^1]) ? output : new List<Piece>(current.Count);
            step.Apply(current, next);
            current = next;
        }
    }
}
