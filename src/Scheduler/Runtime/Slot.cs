using System.Buffers;
using StreamCore.Scheduler.Planning;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.Scheduler;

/// <summary>Where a generation stands; the name it has in metrics and logs.</summary>
internal enum SlotPhase
{
    Queued,
    Prefill,
    Decode,
    Preempted,
}

/// <summary>A generation's place: its tokens, what of them is in the cache, and in which blocks. The step loop owns it.</summary>
internal sealed class Slot(Generation generation, DrawSettings draw, int maxTokens)
{
    private int[] _tokens = [];
    private int[] _blocks = [];
    private int _known, _cached, _blockCount;

    public Generation Generation { get; } = generation;

    public DrawSettings Draw { get; } = draw;

    /// <summary>Most tokens of the answer, the end of the context considered.</summary>
    public int MaxTokens { get; } = maxTokens;

    /// <summary>Takes part in steps and may hold blocks.</summary>
    public bool IsResident { get; private set; }

    public bool HasRun { get; private set; }

    /// <summary>Its generation has ended; swept out before the next plan.</summary>
    public bool IsOver { get; private set; }

    public int AnswerTokens => _known - Generation.PromptTokens;

    public int Cached => _cached;

    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, _blockCount);

    public SlotState State => new(_known, _cached, _blockCount, freeable: _blockCount, IsResident);

    public SlotPhase Phase =>
        !IsResident ? HasRun ? SlotPhase.Preempted : SlotPhase.Queued
        : _known - _cached > 1 ? SlotPhase.Prefill
        : SlotPhase.Decode;

    /// <summary>The tokens of the next run.</summary>
    public ReadOnlySpan<int> Next(int count) => _tokens.AsSpan(_cached, count);

    /// <summary>Copies the prompt to where the answer can grow. On the step loop, so that a slot refused before costs nothing.</summary>
    public void Accept()
    {
        var prompt = Generation.Request.PromptTokens;
        _tokens = ArrayPool<int>.Shared.Rent(prompt.Length + Math.Min(MaxTokens, 256));
        prompt.CopyTo(_tokens, 0);
        _known = prompt.Length;
    }

    public void Join() => (IsResident, HasRun) = (true, true);

    public void AddBlock(int block)
    {
        Reserve(ref _blocks, _blockCount, 1);
        _blocks[_blockCount++] = block;
    }

    /// <summary>A step put so many more tokens into the cache.</summary>
    public void Advance(int tokens) => _cached += tokens;

    /// <summary>The answer has one more token.</summary>
    public void Add(int token)
    {
        Reserve(ref _tokens, _known, 1);
        _tokens[_known++] = token;
    }

    /// <summary>Gives up the cache; all known tokens are the prompt of the next time.</summary>
    public void Leave(BlockPool pool)
    {
        pool.Return(Blocks);
        IsResident = false;
        _blockCount = _cached = 0;
    }

    /// <summary>Returns the slot's memory; nothing but <see cref="IsOver"/> may be asked any more.</summary>
    public void Close()
    {
        IsOver = true;
        Return(ref _tokens);
        Return(ref _blocks);
    }

    private static void Reserve(ref int[] array, int used, int more)
    {
        if (used + more <= array.Length) return;
        var larger = ArrayPool<int>.Shared.Rent(Math.Max(used + more, array.Length * 2));
        array.AsSpan(0, used).CopyTo(larger);
        Return(ref array);
        array = larger;
    }

    private static void Return(ref int[] array)
    {
        if (array.Length > 0) ArrayPool<int>.Shared.Return(array);
        array = [];
    }
}
