using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Attention over contexts of more than one segment, and what lies around the borders between them.</summary>
public sealed class LongContextTests
{
    private const int Segment = AttentionKernel.SegmentTokens;
    private const int Positions = 3 * Segment + 48;

    /// <summary>How far from a border tokens are looked at: more than a tile's.</summary>
    private const int Near = 20;
    private const int Blocks = Positions / PagedKvCache.BlockTokens;

    private static readonly Sequence First = new(1, Scattered(0));
    private static readonly Sequence Second = new(2, Scattered(1));
    private static readonly Sequence Third = new(3, Scattered(2));

    /// <summary>Heads, key/value heads, head size: tiles of eight tokens, of sixteen, of five and of one.</summary>
    public static TheoryData<int, int, int> Shapes => new() { { 2, 1, 16 }, { 2, 2, 32 }, { 3, 1, 20 }, { 9, 1, 8 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_agrees_with_the_textbook_on_both_sides_of_a_border(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            Func<float, float> stored = type == KvCacheType.Float32 ? x => x : x => BFloat16.ToSingle(BFloat16.FromSingle(x));
            var tolerance = type == KvCacheType.Float32 ? 2e-5f : 6e-3f;
            foreach (var border in (int[])[Segment, 3 * Segment])
            {
                int[] positions = [border - 2, border - 1, border, border + 5];
                var expected = positions.Select(position => ReferenceAttention.Row(First, position, shape, stored)).ToArray();
                foreach (var width in ((int[])[1, 4, 8, 16]).Where(width => headSize % width == 0))
                {
                    using var attention = Case(shape, type, width);
                    var chunk = Around(attention, First, border);
                    foreach (var (position, row) in positions.Zip(expected))
                    {
                        AssertClose(row, Rows(chunk, position - (border - Near), 1, shape), tolerance);
                        AssertClose(row, attention.Run(new Piece(First, position, 1)), tolerance);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_token_is_the_same_alone_and_in_a_chunk_on_any_number_of_threads(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            for (var border = Segment; border < Positions; border += Segment)
            {
                using var other = Case(shape, type, AttentionKernel.BestWidth(headSize));
                var chunk = Around(other, First, border);
                for (var workers = 1; workers <= 5; workers++)
                {
                    using var attention = Case(shape, type, AttentionKernel.BestWidth(headSize), workers);
                    attention.Write(First, border - Near);
                    for (var t = 0; t < 2 * Near; t++)
                        Assert.Equal(Rows(chunk, t, 1, shape), attention.Run(new Piece(First, border - Near + t, 1)));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Pieces_of_any_size_in_any_company_and_order_are_the_same(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        (Sequence Sequence, int Border)[] all = [(First, Segment), (Second, 2 * Segment), (Third, 3 * Segment)];
        using var other = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(headSize));
        var chunks = all.Select(one => Around(other, one.Sequence, one.Border)).ToArray();
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            using var attention = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(headSize), workers: 1 + seed % 5);
            foreach (var (sequence, border) in all) attention.Write(sequence, border - Near);
            var done = new int[all.Length];
            while (done.Any(count => count < 2 * Near))
            {
                var order = Enumerable.Range(0, all.Length).Where(i => done[i] < 2 * Near).ToArray();
                random.Shuffle(order);
                order = order[..random.Next(1, order.Length + 1)];
                var counts = order.Select(i => random.Next(2) == 0 ? 1 : Math.Min(2 * Near - done[i], random.Next(2, 20))).ToArray();
                var pieces = order.Zip(counts, (i, count) => new Piece(all[i].Sequence, all[i].Border - Near + done[i], count)).ToArray();
                var rows = attention.Run(pieces).AsSpan();
                foreach (var (i, count) in order.Zip(counts))
                {
                    var expected = Rows(chunks[i], done[i], count, shape);
                    Assert.Equal(expected, rows[..expected.Length]);
                    rows = rows[expected.Length..];
                    done[i] += count;
                }
            }
        }
    }

    [Fact]
    public void Single_tokens_of_sequences_of_all_lengths_are_the_same_in_one_step_as_alone()
    {
        var shape = new AttentionShape(4, 2, 16);
        int[] lengths = [1, 17, Segment - 1, Segment, Segment + 1, Segment + 500, 2 * Segment, Positions];
        using var attention = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(16), workers: 3, lengths.Length);
        var sequences = lengths.Select((_, i) => new Sequence(i + 1, Scattered(i))).ToArray();
        var alone = new float[lengths.Length][];
        for (var i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] > 1) attention.Write(sequences[i], lengths[i] - 1);
            alone[i] = attention.Run(new Piece(sequences[i], lengths[i] - 1, 1));
        }
        for (var round = 0; round < 20; round++)
        {
            var order = Enumerable.Range(0, lengths.Length).ToArray();
            new Random(round).Shuffle(order);
            var rows = attention.Run([.. order.Select(i => new Piece(sequences[i], lengths[i] - 1, 1))]);
            Assert.Equal(order.SelectMany(i => alone[i]), rows);
        }
    }

    [Fact]
    public void A_long_neighbour_that_is_not_a_number_stays_alone()
    {
        var shape = new AttentionShape(4, 2, 16);
        var poison = Second with { Seed = Sequence.NotANumber };
        using var attention = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(16), workers: 2);
        attention.Write(First, Positions - 1);
        var clean = attention.Run(new Piece(First, Positions - 1, 1));
        attention.Write(poison, Positions - 1);
        var rows = attention.Run(new Piece(poison, Positions - 1, 1), new Piece(First, Positions - 1, 1));
        Assert.All(rows[..shape.OutputWidth], value => Assert.True(float.IsNaN(value)));
        Assert.Equal(clean, rows[shape.OutputWidth..]);

        // Only a first segment's token goes astray: the part of one spoils the whole.
        attention.Write(First with { Seed = Sequence.NotANumber }, 1);
        Assert.All(attention.Run(new Piece(First, Positions - 1, 1)), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void A_step_with_long_contexts_allocates_nothing_once_it_has_been_run()
    {
        var shape = new AttentionShape(4, 2, 16);
        using var attention = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(16));
        attention.Write(First, Positions - 1);
        attention.Write(Second, Segment - 4);
        Assert.Equal(0, attention.AllocatedAgainBy(new Piece(First, Positions - 1, 1), new Piece(Second, Segment - 4, 8)));
    }

    private static AttentionCase Case(AttentionShape shape, KvCacheType type, int width, int workers = 1, int sequences = 3) =>
        new(shape, type, width, workers, Positions, sequences * Blocks);

    /// <summary>The rows from so many tokens before a border to as many behind it, as one chunk.</summary>
    private static float[] Around(AttentionCase attention, Sequence sequence, int border)
    {
        attention.Write(sequence, border - Near);
        return attention.Run(new Piece(sequence, border - Near, 2 * Near));
    }

    private static ReadOnlySpan<float> Rows(float[] rows, int first, int count, AttentionShape shape) =>
        rows.AsSpan(first * shape.OutputWidth, count * shape.OutputWidth);

    private static int[] Scattered(int sequence)
    {
        var blocks = Enumerable.Range(sequence * Blocks, Blocks).ToArray();
        new Random(sequence).Shuffle(blocks);
        return blocks;
    }

    private static void AssertClose(float[] expected, ReadOnlySpan<float> actual, float tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{i}: {actual[i]} for {expected[i]}");
    }
}
