[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Preemption

open System

/// Takes the place of the youngest resident below `slot` that the step does not need yet.
/// What is planned stays planned, so a prefill never throws out a decode row.
let tryYoungest (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) (slot: int) =
    let mutable junior = slots.Length - 1

    while junior > slot
          && not (slots[junior].Resident && plan.Mark junior = SlotMark.None) do
        junior <- junior - 1

    if junior > slot then
        plan.Preempt(junior, slots[junior].Freeable)
        true
    else
        false
