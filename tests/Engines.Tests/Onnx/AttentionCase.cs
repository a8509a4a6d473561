using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;
using StreamCore.TestKit;

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
    private readonly AttentionKernel _kernel;
    private readonly RaggedAttention _attention;
    private readonly int _workers;

    public AttentionCase(
        AttentionShape shape, KvCacheType type, int width, int workers = 1, int positions = MaxPositions, int blockCount = BlockCount)
    {
        Shape = shape;
        _workers = workers;
        _rotary = new RotaryTable(Frequencies(shape), 1f, positions);
        _cache = new PagedKvCache(shape, 1, blockCount, type);
        _cache.Fill(0xff); // not-a-number everywhere: whoever reads what was not written shows it
        _kernel = AttentionKernel.Create(shape, _rotary, type, width);
        _attention = new RaggedAttention(_cache, _kernel, workers);
    }

    public AttentionShape Shape { get; }

    public static float[] Frequencies(AttentionShape shape) =>
        [.. Enumerable.Range(0, shape.HeadSize / 2).Select(i => (float)Math.Pow(10000, -2.0 * i / shape.HeadSize))];

    /// <summary>Writes the keys and values of a sequence's first tokens and computes nothing of them.</summary>
    public void Write(Sequence sequence, int count)
    {
        using var input = InputOf([new Piece(sequence, 0, count)]);
        fixed (int* blocks = sequence.Blocks)
        {
            var call = new LayerCall { Input = input.Pointer, Keys = _cache.Keys(0), Values = _cache.Values(0), Blocks = blocks };
            for (var head = 0; head < Shape.KvHeadCount; head++) _kernel.Append(call, new QueryTile(0, count, 0, 0, AppendsOwn: false), head);
        }
    }

    /// <summary>Output rows of a step in which each piece runs, in this order.</summary>
    public float[] Run(params Piece[] pieces)
    {
        var step = StepOf(pieces);
        using var input = InputOf(pieces);
        using var output = new NativeBuffer<float>((long)step.Tokens.Length * Shape.OutputWidth);
        output.Span.Fill(float.NaN);
        Run(step, input, output);
        return output.Span.ToArray();
    }

    /// <summary>Bytes of the managed heap that the same step takes when it is run again.</summary>
    public long AllocatedAgainBy(params Piece[] pieces)
    {
        var step = StepOf(pieces);
        using var input = InputOf(pieces);
        using var output = new NativeBuffer<float>((long)step.Tokens.Length * Shape.OutputWidth);
        return AllocatedBytes.Least(() => Run(step, input, output));
    }

    public void Dispose()
    {
        _attention.Dispose();
        _cache.Dispose();
        _rotary.Dispose();
    }

    private static RaggedStep StepOf(Piece[] pieces)
    {
        var step = new RaggedStep();
        foreach (var piece in pieces) step.Add(new int[piece.Count], piece.Position, piece.Sequence.Blocks, 1);
        return step;
    }

    private NativeBuffer<float> InputOf(Piece[] pieces)
    {
        var input = new NativeBuffer<float>((long)pieces.Sum(piece => piece.Count) * Shape.InputWidth);
        var row = 0;
        foreach (var piece in pieces)
            for (var t = 0; t < piece.Count; t++, row++)
                piece.Sequence.Token(piece.Position + t, Shape).CopyTo(input.Slice((long)row * Shape.InputWidth, Shape.InputWidth));
        return input;
    }

    private void Run(RaggedStep step, NativeBuffer<float> input, NativeBuffer<float> output)
    {
        _attention.Begin(step, step.Tokens.Length);
        _attention.Run(0, input.Pointer, output.Pointer, new TestWorkers(_workers > 1));
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
