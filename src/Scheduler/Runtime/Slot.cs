using System.Buffers;
using StreamCore.Scheduler.Blocks;
using StreamCore.Scheduler.Drafting;
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
internal sealed class Slot(Generation generation, DrawSettings draw, int maxTokens, long root)
{
    private int[] _tokens = [];
    private int[] _blocks = [];
    private int _known, _cached, _blockCount;
    private int _draftCount; // tokens behind the known ones, for the next step only
    private Drafter? _drafter; // made at the first draft
    private int _storedCount; // of its blocks, from the first: those others can find
    private long _stamp; // of the last of them; the root is the stamp before the first

    public Generation Generation { get; } = generation;

    public DrawSettings Draw { get; } = draw;

    /// <summary>Most tokens of the answer, the end of the context considered.</summary>
    public int MaxTokens { get; } = maxTokens;

    /// <summary>Takes part in steps and may hold blocks.</summary>
    public bool IsResident { get; private set; }

    public bool HasRun { get; private set; }

    /// <summary>Who waits for a lower one joins first. See <see cref="Placement.Turn"/>.</summary>
    public long Turn { get; private set; }

    /// <summary>Its generation has ended; swept out before the next plan.</summary>
    public bool IsOver { get; private set; }

    /// <summary>May not join yet: the generation it follows has not computed the prompt.</summary>
    public bool Waits => Generation.Request.Follows is { HasPrompt: false };

    public int AnswerTokens => _known - Generation.PromptTokens;

    public int Cached => _cached;

    /// <summary>The prompt and the answer so far.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _known);

    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, _blockCount);

    public SlotPhase Phase =>
        !IsResident ? HasRun ? SlotPhase.Preempted : SlotPhase.Queued
        : _known - _cached > 1 ? SlotPhase.Prefill
        : SlotPhase.Decode;

    /// <summary>The first position whose logits are wanted: the last known one, or where the prompt's logprobs are kept the first not scored.</summary>
    private int LogitsFrom => Generation.OwnPromptLogprobs is { } rows && rows.Count < Generation.PromptTokens ? rows.Count - 1 : _known - 1;

    public SlotState State(BlockPool pool) =>
        new(_known, _cached, LogitsFrom, _draftCount, _blockCount, freeable: pool.CountUnshared(Blocks), IsResident, Waits);

    /// <summary>Blocks it needs beyond its own to have all known tokens in the cache.</summary>
    public int MissingBlocks(BlockPool pool) => (_known + pool.BlockTokens - 1) / pool.BlockTokens - _blockCount;

    /// <summary>While it decodes, drafts up to so many tokens that may follow, but never the answer's last: after it nothing is drawn.</summary>
    public void Draft(int most)
    {
        _draftCount = 0;
        most = Math.Min(most, MaxTokens - AnswerTokens - 1);
        if (most <= 0 || Phase != SlotPhase.Decode) return;
        Reserve(ref _tokens, _known, most);
        _drafter ??= new Drafter();
        _draftCount = _drafter.Propose(_tokens.AsSpan(0, _known + most), _known);
    }

    /// <summary>A step verified so many drafts, and so many were drawn: gives back the blocks of the others.</summary>
    public void Verified(int drafts, int accepted, BlockPool pool)
    {
        _drafter!.Learn(drafts, accepted);
        var needed = (_cached + pool.BlockTokens - 1) / pool.BlockTokens;
        pool.Return(Blocks[needed..]);
        _blockCount = needed;
    }

    /// <summary>The tokens of the next run, drafts behind the known ones.</summary>
    public ReadOnlySpan<int> Next(int count) => _tokens.AsSpan(_cached, count);

    /// <summary>Copies the prompt to where the answer can grow. On the step loop, so that a slot refused before costs nothing.</summary>
    public void Accept(long turn)
    {
        Turn = turn;
        var prompt = Generation.Request.PromptTokens;
        _tokens = ArrayPool<int>.Shared.Rent(prompt.Length + Math.Min(MaxTokens, 256));
        prompt.CopyTo(_tokens, 0);
        _known = prompt.Length;
    }

    public void Join()
    {
        if (!HasRun) Generation.CachedTokens = _cached;
        (IsResident, HasRun) = (true, true);
    }

    /// <summary>Takes hold of the stored blocks that its tokens begin with. What is needed for logits is left to compute: at least one token.</summary>
    public void Borrow(BlockPool pool)
    {
        _stamp = root;
        for (var end = pool.BlockTokens; end <= LogitsFrom; end += pool.BlockTokens)
        {
            if (!pool.TryShare(ref _stamp, _tokens.AsSpan(_cached, pool.BlockTokens), out var block)) return;
            AddBlock(block);
            _cached = end;
            _storedCount = _blockCount;
        }
    }

    public void AddBlock(int block)
    {
        Reserve(ref _blocks, _blockCount, 1);
        _blocks[_blockCount++] = block;
    }

    /// <summary>A step put so many more tokens into the cache; blocks that are full now may be found by others.</summary>
    public void Advance(int tokens, BlockPool? sharing)
    {
        _cached += tokens;
        if (sharing is null) return;
        if (_storedCount == 0) _stamp = root;
        while ((_storedCount + 1) * sharing.BlockTokens <= _cached)
        {
            var first = _storedCount * sharing.BlockTokens;
            _stamp = sharing.Store(_blocks[_storedCount++], _stamp, _tokens.AsSpan(first, sharing.BlockTokens));
        }
    }

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
        _blockCount = _cached = _storedCount = 0;
    }

    /// <summary>Returns the slot's memory; nothing but <see cref="IsOver"/> may be asked any more.</summary>
    public void Close()
    {
        IsOver = true;
        Return(ref _tokens);
        Return(ref _blocks);
        _drafter?.Close();
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
