using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>
/// A layer of attention over sequences of made-up tokens. A token's queries, keys and values depend on its sequence and position
/// alone, so the same sequence can be run in any pieces and any company.
/// </summary>
internal sealed unsafe class AttentionCase : IDisposable
{
    public const int BlockCount = 96;
    public const int MaxPositions = 640;
    private readonly RotaryTable _rotary;
    private readonly PagedKvCache _cache;
    private readonly RaggedAttention _attention;
    private readonly int _workers;

    public AttentionCase(AttentionShape shape, KvCacheType type, int width, int workers = 1)
    {
        Shape = shape;
        _workers = workers;
        _rotary = new RotaryTable(Frequencies(shape), 1f, MaxPositions);
        _cache = new PagedKvCache(shape, 1, BlockCount, type);
        _cache.Fill(0xff); // not-a-number everywhere: whoever reads what was not written shows it
        _attention = new RaggedAttention(_cache, AttentionKernel.Create(shape, _rotary, type, width), workers);
    }

    public AttentionShape Shape { get; }

    public static float[] Frequencies(AttentionShape shape) =>
        [.. Enumerable.Range(0, shape.HeadSize / 2).Select(i => (float)Math.Pow(10000, -2.0 * i / shape.HeadSize))];

    /// <summary>Output rows of a step in which each piece runs, in this order.</summary>
    public float[] Run(params Piece[] pieces)
    {
        var step = new RaggedStep();
        foreach (var piece in pieces) step.Add(new int[piece.Count], piece.Position, piece.Sequence.Blocks, 1);
        var rows = step.Tokens.Length;
        using var input = new NativeBuffer<float>((long)rows * Shape.InputWidth);
        using var output = new NativeBuffer<float>((long)rows * Shape.OutputWidth);
        output.Span.Fill(float.NaN);
        var row = 0;
        foreach (var piece in pieces)
            for (var t = 0; t < piece.Count; t++, row++)
                piece.Sequence.Token(piece.Position + t, Shape).CopyTo(input.Slice((long)row * Shape.InputWidth, Shape.InputWidth));
        _attention.Begin(step, rows);
        _attention.Run(0, input.Pointer, output.Pointer, new TestWorkers(_workers > 1));
        return output.Span.ToArray();
    }

    public void Dispose()
    {
        _attention.Dispose();
        _cache.Dispose();
        _rotary.Dispose();
    }
}

/// <summary>New tokens of one sequence in a step.</summary>
internal sealed record Piece(Sequence Sequence, int Position, int Count);

internal sealed record Sequence(int Seed, int[] Blocks)
{
    /// <summary>The seed of a sequence whose model has gone astray.</summary>
    public const int NotANumber = -1;

    /// <summary>Queries, keys and values of the token at a position.</summary>
    public float[] Token(int position, AttentionShape shape)
    {
        var random = new Random(Seed * 100_003 + position);
        var values = new float[shape.InputWidth];
        for (var i = 0; i < values.Length; i++) values[i] = Seed == NotANumber ? float.NaN : (float)(random.NextDouble() * 4 - 2);
        return values;
    }
}
