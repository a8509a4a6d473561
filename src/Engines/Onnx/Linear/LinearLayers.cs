using StreamCore.Engines.Models;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>
/// The linear layers and the embedding of one engine: its weights, and the order of work when the operators run. Rows become 8-bit codes
/// first; then panels of outputs are shared out among the threads. One layer at a time; <see cref="Work"/> is called by many threads.
/// </summary>
internal sealed unsafe class LinearLayers(WeightMemory memory, LinearKernel kernel, int workerCount) : IParallelWork, IDisposable
{
    /// <summary>Rows computed panel by panel before the next ones: their codes stay in a processor's own cache.</summary>
    private const int RowsOfPiece = 128;

    /// <summary>Pieces for each thread: enough that a thread which is held up leaves its share to the others.</summary>
    private const int PiecesOfWorker = 6;

    private readonly ActivationCodes _codes = new();

    // Of the layer that runs now.
    private LinearCall _call;
    private int _panelsOfPiece, _pieces;
    private int _takenRows, _doneRows, _takenPieces;
    private Exception? _failure;

    /// <summary>The weights of a layer that the data file holds from <paramref name="offset"/> on; its bias from <paramref name="biasOffset"/> on, or none (-1).</summary>
    /// <exception cref="InvalidOperationException">The file does not hold them.</exception>
    public LinearWeights Weights(long offset, long biasOffset, int inputs, int outputs, int bits) => new(
        (nint)memory.At(offset, PanelLayout.Bytes(outputs, inputs, bits)),
        biasOffset < 0 ? 0 : (nint)memory.At(biasOffset, (long)outputs * sizeof(float)),
        inputs, outputs, bits);

    /// <summary>Runs one layer.</summary>
    public void Run<TWorkers>(in LinearCall call, TWorkers workers) where TWorkers : struct, IWorkers
    {
        if (call.Rows == 0) return;
        _call = call;
        _codes.Reshape(call.Rows, call.Weights.Inputs);
        var panels = call.Weights.PanelCount;
        var rowPieces = (call.Rows + RowsOfPiece - 1) / RowsOfPiece;
        var wanted = Math.Max(1, workerCount * PiecesOfWorker / rowPieces);
        _panelsOfPiece = Math.Max(1, (panels + wanted - 1) / wanted);
        _pieces = rowPieces * ((panels + _panelsOfPiece - 1) / _panelsOfPiece);
        (_takenRows, _doneRows, _takenPieces, _failure) = (0, 0, 0, null);
        workers.Run(this, Math.Min(_pieces, workerCount));
        if (_failure is not null) throw new InvalidOperationException("a linear layer failed", _failure);
    }

    /// <summary>Looks up rows of the embedding: output [count][inputs].</summary>
    /// <exception cref="InvalidOperationException">The table has no such row.</exception>
    public static void Embed(in LinearWeights table, ReadOnlySpan<long> ids, float* output)
    {
        foreach (var id in ids)
        {
            if (id < 0 || id >= table.Outputs) throw new InvalidOperationException($"a table of {table.Outputs} rows has no row {id}");
            PanelRow.Read(table, (int)id, output);
            output += table.Inputs;
        }
    }

    public void Work(int worker)
    {
        try
        {
            for (var row = Take(ref _takenRows); row < _call.Rows; row = Take(ref _takenRows))
            {
                _codes.Quantize(row, _call.Input + (long)row * _call.Weights.Inputs);
                Interlocked.Increment(ref _doneRows);
            }
            // The rows that others took: each is microseconds from being done.
            var wait = new SpinWait();
            while (Volatile.Read(ref _doneRows) < _call.Rows) wait.SpinOnce(sleep1Threshold: -1);
            for (var piece = Take(ref _takenPieces); piece < _pieces; piece = Take(ref _takenPieces)) Multiply(piece);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        static int Take(ref int taken) => Interlocked.Increment(ref taken) - 1;
    }

    public void Dispose()
    {
        _codes.Dispose();
        memory.Dispose();
    }

    private void Multiply(int piece)
    {
        var panels = _call.Weights.PanelCount;
        var groups = (panels + _panelsOfPiece - 1) / _panelsOfPiece;
        var row = piece / groups * RowsOfPiece;
        var first = piece % groups * _panelsOfPiece;
        var rows = Math.Min(RowsOfPiece, _call.Rows - row);
        for (var panel = first; panel < Math.Min(first + _panelsOfPiece, panels); panel++)
            kernel.Multiply(_call, _codes, row, rows, panel);
    }
}
