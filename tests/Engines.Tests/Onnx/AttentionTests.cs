using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class AttentionTests
{
    private static readonly Sequence Long = new(1, Scattered(0, 40));
    private static readonly Sequence Middle = new(2, Scattered(40, 20));
    private static readonly Sequence Short = new(3, Scattered(60, 20));

    /// <summary>Heads, key/value heads, head size: groups of 1 to 16 and every kind of head size.</summary>
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 14, 2, 64 }, { 2, 2, 128 }, { 4, 1, 80 }, { 3, 1, 96 }, { 5, 1, 256 }, { 6, 1, 16 }, { 8, 1, 32 }, { 9, 1, 48 },
        { 16, 1, 64 }, { 4, 2, 72 }, { 11, 1, 20 }, { 2, 1, 6 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_agrees_with_the_textbook(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            Func<float, float> stored = type == KvCacheType.Float32 ? x => x : x => BFloat16.ToSingle(BFloat16.FromSingle(x));
            foreach (var width in Widths(headSize))
            {
                using var attention = new AttentionCase(shape, type, width);
                attention.Run(new Piece(Long, 0, 37), new Piece(Middle, 0, 16));
                var rows = attention.Run(
                    new Piece(Middle, 16, 1), new Piece(Long, 37, 19), new Piece(Short, 0, 5));
                // A key that falls on the other side of a rounding edge moves a weight by 2^-9 of it.
                var tolerance = type == KvCacheType.Float32 ? 2e-5f : 6e-3f;
                AssertClose(ReferenceAttention.Row(Middle, 16, shape, stored), rows, 0, tolerance);
                foreach (var t in (int[])[0, 7, 18])
                    AssertClose(ReferenceAttention.Row(Long, 37 + t, shape, stored), rows, 1 + t, tolerance);
                AssertClose(ReferenceAttention.Row(Short, 0, shape, stored), rows, 20, tolerance);
                AssertClose(ReferenceAttention.Row(Short, 4, shape, stored), rows, 24, tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_agrees_with_the_scalar_twin(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            var expected = Ragged(shape, type, 1);
            foreach (var width in Widths(headSize)) AssertClose(expected, Ragged(shape, type, width), 0, 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_row_does_not_depend_on_its_neighbours_the_pieces_or_the_threads(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        var width = shape.OutputWidth;
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            var kernel = AttentionKernel.BestWidth(headSize);
            using var alone = new AttentionCase(shape, type, kernel);
            var whole = alone.Run(new Piece(Long, 0, 180));

            using var one = new AttentionCase(shape, type, kernel);
            for (var t = 0; t < 180; t++) Assert.Equal(whole[(t * width)..((t + 1) * width)], one.Run(new Piece(Long, t, 1)));

            using var mixed = new AttentionCase(shape, type, kernel, workers: 3);
            mixed.Run(new Piece(Short, 0, 33), new Piece(Long, 0, 101), new Piece(Middle, 0, 1));
            var rows = mixed.Run(
                new Piece(Middle, 1, 50), new Piece(Long, 101, 79), new Piece(Short, 33, 1));
            Assert.Equal(whole.AsSpan(101 * width), rows.AsSpan(50 * width, 79 * width));
        }
    }

    [Fact]
    public void Blocks_may_be_shared_and_the_longest_sequence_fits()
    {
        var shape = new AttentionShape(4, 2, 32);
        var twin = new Sequence(1, [.. Long.Blocks[..6], .. Middle.Blocks]); // Long's first 96 tokens, then its own
        using var attention = new AttentionCase(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(32));
        var whole = attention.Run(new Piece(Long, 0, 640));
        var rest = attention.Run(new Piece(twin, 96, 180));
        Assert.Equal(whole[(96 * shape.OutputWidth)..][..rest.Length], rest);
    }

    [Fact]
    public void A_neighbour_that_is_not_a_number_stays_alone_even_in_blocks_it_leaves_behind()
    {
        var shape = new AttentionShape(4, 2, 32);
        var poison = Middle with { Seed = Sequence.NotANumber };
        foreach (var width in Widths(32))
        {
            using var attention = new AttentionCase(shape, KvCacheType.BFloat16, width);
            var clean = attention.Run(new Piece(Middle, 0, 23));
            attention.Run(new Piece(poison, 0, 100));
            Assert.Equal(clean, attention.Run(new Piece(Middle, 0, 23)));
            Assert.All(clean, value => Assert.True(float.IsFinite(value)));
        }
    }

    private static IEnumerable<int> Widths(int headSize) => ((int[])[1, 4, 8, 16]).Where(width => headSize % width == 0);

    private static float[] Ragged(AttentionShape shape, KvCacheType type, int width)
    {
        using var attention = new AttentionCase(shape, type, width);
        attention.Run(new Piece(Long, 0, 100), new Piece(Short, 0, 3));
        attention.Run(new Piece(Middle, 0, 45));
        return attention.Run(new Piece(Short, 3, 1), new Piece(Long, 100, 20), new Piece(Middle, 45, 1));
    }

    private static int[] Scattered(int first, int count)
    {
        var blocks = Enumerable.Range(first, count).ToArray();
        new Random(first).Shuffle(blocks);
        return blocks;
    }

    private static void AssertClose(float[] expected, float[] actual, int row, float tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var value = actual[row * expected.Length + i];
            Assert.True(Math.Abs(expected[i] - value) <= tolerance, $"row {row}, {i}: {value} for {expected[i]}");
        }
    }
}
