using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler;

/// <summary>Carries out a plan up to the engine's door: slots give up and take blocks, and the step is filled.</summary>
internal static class StepBuilder
{
    public static void Build(StepPlan plan, Slots slots, RaggedStep step)
    {
        step.Clear();
        foreach (var index in plan.Preempted) slots.Preempt(slots[index]); // first: the runs below count on their blocks
        foreach (var run in plan.Runs)
        {
            var slot = slots[run.Slot];
            if (!slot.IsResident) slots.Join(slot);
            slots.TakeBlocks(slot, run.NewBlocks);
            step.Add(slot.Next(run.TokenCount), slot.Cached, slot.Blocks, run.LogitsCount);
        }
    }
}
