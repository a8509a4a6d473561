namespace StreamCore.Engines.Import;

/// <summary>How far an import is.</summary>
/// <param name="Tensor">The tensor that was just read.</param>
/// <param name="WeightsDone">Weights read so far; the count is in numbers, not bytes.</param>
/// <param name="WeightsTotal">Weights to read in all.</param>
public readonly record struct ImportProgress(string Tensor, long WeightsDone, long WeightsTotal)
{
    public double Fraction => (double)WeightsDone / WeightsTotal;
}
