using System.Diagnostics;

namespace StreamCore.Scheduler;

/// <summary>One sequence's part in a step.</summary>
/// <param name="FirstToken">Index of its first new token in <see cref="RaggedStep.Tokens"/>.</param>
/// <param name="TokenCount">New tokens, at least one.</param>
/// <param name="Position">Tokens of the sequence that are in the cache already.</param>
/// <param name="FirstBlock">Index of its first cache block in <see cref="RaggedStep.Blocks"/>.</param>
/// <param name="BlockCount">Its cache blocks, in order from position 0, enough for the new tokens too.</param>
/// <param name="LogitsCount">How many of its last tokens want logits: 0 for an inner prompt chunk, 1 for decode and one more for each draft.</param>
public readonly record struct SequenceRun(
    int FirstToken, int TokenCount, int Position, int FirstBlock, int BlockCount, int LogitsCount);

/// <summary>
/// A batch of runs of different lengths, flat: decode rows, prompt chunks and drafted tokens to verify are the same case.
/// Reused from step to step; it grows to the largest step and allocates nothing after that.
/// </summary>
public sealed class RaggedStep
{
    private int[] _tokens = new int[256];
    private int[] _blocks = new int[256];
    private int[] _logitsRows = new int[64];
    private SequenceRun[] _runs = new SequenceRun[64];
    private int _tokenCount, _blockCount, _logitsCount, _runCount;

    /// <summary>New tokens of all runs, one after the other.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _tokenCount);

    public ReadOnlySpan<SequenceRun> Runs => _runs.AsSpan(0, _runCount);

    /// <summary>Cache block numbers of all runs, one run after the other.</summary>
    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, _blockCount);

    /// <summary>Indices into <see cref="Tokens"/> of the positions whose logits are wanted, ascending.</summary>
    public ReadOnlySpan<int> LogitsRows => _logitsRows.AsSpan(0, _logitsCount);

    public void Clear() => _tokenCount = _blockCount = _logitsCount = _runCount = 0;

    /// <summary>Adds a run. See <see cref="SequenceRun"/> for the meaning of each part.</summary>
    public void Add(ReadOnlySpan<int> tokens, int position, ReadOnlySpan<int> blocks, int logitsCount)
    {
        Debug.Assert(tokens.Length > 0 && logitsCount <= tokens.Length);
        Reserve(ref _runs, _runCount + 1)[_runCount++] =
            new SequenceRun(_tokenCount, tokens.Length, position, _blockCount, blocks.Length, logitsCount);
        tokens.CopyTo(Reserve(ref _tokens, _tokenCount + tokens.Length).AsSpan(_tokenCount));
        blocks.CopyTo(Reserve(ref _blocks, _blockCount + blocks.Length).AsSpan(_blockCount));
        Reserve(ref _logitsRows, _logitsCount + logitsCount);
        _tokenCount += tokens.Length;
        _blockCount += blocks.Length;
        for (var i = logitsCount; i > 0; i--) _logitsRows[_logitsCount++] = _tokenCount - i;
    }

    private static T[] Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
        return array;
    }
}
