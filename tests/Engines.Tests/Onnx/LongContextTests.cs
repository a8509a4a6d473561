using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Attention over contexts of more than one segment, and what lies around the borders between them.</summary>
public sealed class LongContextTests
{
    private const int Segment = AttentionKernel.SegmentTokens;
    private const int Positions = 2 * Segment + 32;
    private const int Blocks = Positions / PagedKvCache.BlockTokens;

    private static readonly Sequence First = new(1, Scattered(0));
    private static readonly Sequence Second = new(2, Scattered(1));
    private static readonly Sequence Third = new(3, Scattered(2));

    /// <summary>Heads, key/value heads, head size: tiles of eight tokens, of sixteen, of five and of one.</summary>
    public static TheoryData<int, int, int> Shapes => new() { { 2, 1, 16 }, { 2, 2, 8 }, { 3, 1, 4 }, { 9, 1, 4 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_agrees_with_the_textbook_on_both_sides_of_a_border(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        int[] positions = [Segment - 2, Segment - 1, Segment, Segment + 1, 2 * Segment - 1, 2 * Segment, Positions - 1];
        foreach (var type in Enum.GetValues<KvCacheType>())
        {
            Func<float, float> stored = type == KvCacheType.Float32 ? x => x : x => BFloat16.ToSingle(BFloat16.FromSingle(x));
            var tolerance = type == KvCacheType.Float32 ? 2e-5f : 6e-3f;
            var expected = positions.Select(position => ReferenceAttention.Row(First, position, shape, stored)).ToArray();
            foreach (var width in ((int[])[1, 4, 8, 16]).Where(width => headSize % width == 0))
            {
                using var attention = Case(shape, type, width);
                var rows = attention.Run(new Piece(First, 0, Positions));
                foreach (var (position, row) in positions.Zip(expected))
                {
                    AssertClose(row, rows.AsSpan(position * shape.OutputWidth, shape.OutputWidth), tolerance);
                    AssertClose(row, attention.Run(new Piece(First, position, 1)), tolerance);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_token_is_the_same_alone_and_in_a_chunk_on_any_number_of_threads(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        var type = KvCacheType.BFloat16;
        var whole = Whole(shape, type, First);
        for (var workers = 1; workers <= 5; workers++)
        {
            using var attention = Case(shape, type, AttentionKernel.BestWidth(headSize), workers);
            var position = 0;
            for (var border = Segment; border < Positions; border += Segment)
            {
                Same(new Piece(First, position, border - 9 - position));
                for (position = border - 9; position < border + 9; position++) Same(new Piece(First, position, 1));
            }

            void Same(Piece piece) => Assert.Equal(Rows(whole, piece, shape), attention.Run(piece));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Pieces_of_any_size_in_any_company_and_order_are_the_same(int heads, int kvHeads, int headSize)
    {
        var shape = new AttentionShape(heads, kvHeads, headSize);
        var type = KvCacheType.BFloat16;
        Sequence[] sequences = [First, Second, Third];
        var wholes = sequences.Select(sequence => Whole(shape, type, sequence)).ToArray();
        for (var seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            using var attention = Case(shape, type, AttentionKernel.BestWidth(headSize), workers: 1 + 2 * seed);
            var done = new int[sequences.Length];
            while (done.Any(count => count < Positions))
            {
                var order = Enumerable.Range(0, sequences.Length).Where(i => done[i] < Positions).ToArray();
                random.Shuffle(order);
                var pieces = order[..random.Next(1, order.Length + 1)]
                    .Select(i => new Piece(sequences[i], done[i], Math.Min(Positions - done[i], Size(random, done[i])))).ToArray();
                var rows = attention.Run(pieces).AsSpan();
                foreach (var piece in pieces)
                {
                    var i = Array.IndexOf(sequences, piece.Sequence);
                    var expected = Rows(wholes[i], piece, shape);
                    Assert.Equal(expected, rows[..expected.Length]);
                    rows = rows[expected.Length..];
                    done[i] += piece.Count;
                }
            }
        }

        // Small pieces, half of them single tokens, near a border; elsewhere large ones.
        static int Size(Random random, int position) =>
            (position + 24) % Segment < 48 ? random.Next(2) == 0 ? 1 : random.Next(2, 20) : Math.Max(1, random.Next(200, 600) / 24 * 24 - position % 24);
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
            if (lengths[i] > 1) attention.Run(new Piece(sequences[i], 0, lengths[i] - 1));
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
        var clean = attention.Run(new Piece(First, 0, Positions));
        attention.Run(new Piece(poison, 0, Positions - 1));
        var rows = attention.Run(new Piece(poison, Positions - 1, 1), new Piece(First, Positions - 1, 1));
        Assert.All(rows[..shape.OutputWidth], value => Assert.True(float.IsNaN(value)));
        Assert.Equal(clean[^shape.OutputWidth..], rows[shape.OutputWidth..]);

        // Only the last segment's last token is none.
        attention.Run(new Piece(First with { Seed = Sequence.NotANumber }, Positions - 1, 1));
        var spoiled = attention.Run(new Piece(First with { Seed = Sequence.NotANumber }, Positions - 1, 1));
        Assert.All(spoiled, value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void A_step_with_long_contexts_allocates_nothing_once_it_has_been_run()
    {
        var shape = new AttentionShape(4, 2, 16);
        using var attention = Case(shape, KvCacheType.BFloat16, AttentionKernel.BestWidth(16));
        attention.Run(new Piece(First, 0, Positions), new Piece(Second, 0, Positions));
        Assert.Equal(0, attention.AllocatedAgainBy(new Piece(First, Positions - 1, 1), new Piece(Second, Segment - 4, 8)));
    }

    private static AttentionCase Case(AttentionShape shape, KvCacheType type, int width, int workers = 1, int sequences = 3) =>
        new(shape, type, width, workers, Positions, sequences * Blocks);

    private static float[] Whole(AttentionShape shape, KvCacheType type, Sequence sequence)
    {
        using var attention = Case(shape, type, AttentionKernel.BestWidth(shape.HeadSize));
        return attention.Run(new Piece(sequence, 0, Positions));
    }

    private static ReadOnlySpan<float> Rows(float[] whole, Piece piece, AttentionShape shape) =>
        whole.AsSpan(piece.Position * shape.OutputWidth, piece.Count * shape.OutputWidth);

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
