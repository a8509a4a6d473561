using StreamCore.Scheduler.Blocks;
using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler;

/// <summary>
/// All generations of an engine instance that are not over, running and waiting, in order of seniority, which is that of their turns, and the
/// blocks they hold.
/// Every slot joins, waits again and ends here, so that blocks and counts cannot drift apart. The step loop owns it.
/// </summary>
internal sealed class Slots(
    int capacity, int maxResidents, SchedulerOptions options, BlockPool blocks, Inbox inbox, CompletionRate rate, Telemetry telemetry)
{
    private readonly bool _sharesPrefixes = options.SharesPrefixes;
    private readonly int _maxDraftTokens = options.Speculation.MaxDraftTokens;
    private readonly int _maxDraftedTokens = options.Speculation.MaxStepTokens;
    private readonly List<Slot> _slots = new(capacity);
    private readonly SlotState[] _states = new SlotState[capacity];
    private int _residentCount;
    private long _served; // the highest turn of those that joined

    public int Count => _slots.Count;

    /// <summary>May be asked from any thread.</summary>
    public int ResidentCount => Volatile.Read(ref _residentCount);

    public Slot this[int index] => _slots[index];

    /// <summary>What the planner sees; indices are those of this list. Valid until something changes.</summary>
    public ReadOnlySpan<SlotState> States()
    {
        for (var i = 0; i < _slots.Count; i++) _states[i] = _slots[i].State(blocks);
        return _states.AsSpan(0, _slots.Count);
    }

    /// <summary>The slot waits, before those that wait for a later turn: all that joined once had an earlier one.</summary>
    public void Accept(Slot slot)
    {
        slot.Accept(Placement.Turn(_served, LastTurnOf(slot.Generation.Request.FairnessKey)));
        var place = _slots.Count;
        while (place > 0 && _slots[place - 1].Turn > slot.Turn) place--;
        _slots.Insert(place, slot);
    }

    /// <summary>
    /// Lends stored blocks to the slots that may join next, in order, so that the planner counts only what they miss.
    /// Not to one that lacks blocks all the same, nor to those behind it: residents could not take the lent ones.
    /// </summary>
    public void Lend()
    {
        if (!_sharesPrefixes) return;
        var places = maxResidents - ResidentCount;
        var needed = ResidentCount; // a decode row takes a block at most
        for (var i = 0; i < _slots.Count && places > 0; i++)
        {
            var slot = _slots[i];
            if (slot.IsResident || slot.Waits) continue;
            slot.Borrow(blocks);
            places--;
            needed += slot.MissingBlocks(blocks);
            if (needed <= blocks.FreeCount) continue;
            slot.Leave(blocks);
            return;
        }
    }

    /// <summary>Takes back what was lent to slots that did not join.</summary>
    public void TakeBack()
    {
        if (!_sharesPrefixes) return;
        foreach (var slot in _slots)
        {
            if (!slot.IsResident && !slot.Blocks.IsEmpty) slot.Leave(blocks);
        }
    }

    /// <summary>Drafts tokens for running generations, when decode rows leave room for them in the step; the planner takes what fits.</summary>
    public void Draft()
    {
        if (_maxDraftTokens == 0) return;
        var most = Math.Min(_maxDraftTokens, _maxDraftedTokens - _residentCount);
        foreach (var slot in _slots) slot.Draft(most);
    }

    /// <summary>The slot takes part in steps from now on.</summary>
    public void Join(Slot slot)
    {
        slot.Join();
        _served = Math.Max(_served, slot.Turn);
        Volatile.Write(ref _residentCount, _residentCount + 1);
        telemetry.Joined(slot.Cached);
    }

    public void TakeBlocks(Slot slot, int count)
    {
        for (var i = 0; i < count; i++) slot.AddBlock(blocks.Take());
    }

    /// <summary>A step computed so many more tokens of the slot.</summary>
    public void Advance(Slot slot, int tokens) => slot.Advance(tokens, _sharesPrefixes ? blocks : null);

    /// <summary>A step verified so many drafts of the slot, and so many were drawn.</summary>
    public void Verified(Slot slot, int drafts, int accepted) => slot.Verified(drafts, accepted, blocks);

    /// <summary>The slot gives up its blocks and waits.</summary>
    public void Preempt(Slot slot)
    {
        Leave(slot);
        telemetry.Preempted(slot, blocks.FreeCount);
    }

    /// <summary>The slot's generation is over: its blocks are free at once. <paramref name="tokens"/> are new with the end.</summary>
    public void End(Slot slot, Outcome outcome, int tokens = 0)
    {
        telemetry.Ended(slot, outcome);
        if (slot.IsResident) Leave(slot);
        slot.Close();
        slot.Generation.HasPrompt = true;
        inbox.Release();
        rate.Ended();
        slot.Generation.End(outcome, tokens);
    }

    /// <summary>Takes out the slots that ended.</summary>
    public void Sweep() => _slots.RemoveAll(static slot => slot.IsOver);

    /// <summary>A step failed, and what it touched may be shared: nothing in the cache is to be trusted.</summary>
    public void Distrust()
    {
        foreach (var slot in _slots)
        {
            if (slot is { IsResident: true, IsOver: false }) Preempt(slot);
        }

        blocks.ForgetAll();
    }

    private long LastTurnOf(string? key) =>
        _slots.FindLast(slot => !slot.IsResident && slot.Generation.Request.FairnessKey == key)?.Turn ?? 0;

    private void Leave(Slot slot)
    {
        slot.Leave(blocks);
        Volatile.Write(ref _residentCount, _residentCount - 1);
    }
}
