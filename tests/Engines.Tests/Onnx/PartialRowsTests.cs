using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed unsafe class PartialRowsTests
{
    /// <summary>Not a multiple of any vector's width.</summary>
    private const int HeadSize = 37;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.5f, -2.25f)]
    [InlineData(-3, 4)]
    [InlineData(100, 0)]
    [InlineData(-500, 3)]
    [InlineData(3, float.NegativeInfinity)]
    public void Merged_parts_are_the_softmax_over_both(float greatest, float nextGreatest)
    {
        using var memory = new NativeBuffer<float>(2 * PartialRows.Length(2, HeadSize));
        var (part, next) = Made(memory, greatest, nextGreatest);
        var untouched = Row(part, 0);
        double weight = Math.Exp(Math.Min(0, greatest - nextGreatest)), nextWeight = Math.Exp(Math.Min(0, nextGreatest - greatest));
        var expected = Enumerable.Range(0, HeadSize)
            .Select(d => (part.Sums[HeadSize + d] * weight + next.Sums[HeadSize + d] * nextWeight) / (part.Totals[1] * weight + next.Totals[1] * nextWeight))
            .ToArray();

        part.Merge(next, firstRow: 1);

        Assert.Equal(untouched, Row(part, 0));
        Assert.Equal(Math.Max(greatest, nextGreatest), part.Greatest[1]);
        foreach (var (d, value) in expected.Index()) Assert.Equal(value, part.Sums[HeadSize + d] / part.Totals[1], 1e-6);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.NaN)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(1, float.PositiveInfinity)]
    public void A_part_that_has_no_greatest_score_spoils_the_row(float greatest, float nextGreatest)
    {
        using var memory = new NativeBuffer<float>(2 * PartialRows.Length(2, HeadSize));
        var (part, next) = Made(memory, greatest, nextGreatest);
        part.Merge(next, firstRow: 0);
        for (var row = 0; row < 2; row++)
            for (var d = 0; d < HeadSize; d++) Assert.True(float.IsNaN(part.Sums[row * HeadSize + d] * (1 / part.Totals[row])));
    }

    private static (PartialRows Part, PartialRows Next) Made(NativeBuffer<float> memory, float greatest, float nextGreatest)
    {
        var random = new Random(1);
        foreach (ref var value in memory.Span) value = random.NextSingle() + 0.5f;
        var part = new PartialRows(memory.Pointer, 2, HeadSize);
        var next = new PartialRows(memory.Pointer + PartialRows.Length(2, HeadSize), 2, HeadSize);
        for (var row = 0; row < 2; row++) (part.Greatest[row], next.Greatest[row]) = (greatest, nextGreatest);
        return (part, next);
    }

    private static float[] Row(PartialRows part, int row) =>
        [part.Greatest[row], part.Totals[row], .. new ReadOnlySpan<float>(part.Sums + row * HeadSize, HeadSize)];
}
