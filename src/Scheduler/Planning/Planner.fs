namespace StreamCore.Scheduler.Planning

open System

module internal PlannerParts =

    let start (slots: ReadOnlySpan<SlotState>) (budget: inref<StepBudget>) (freeBlocks: int) (plan: StepPlan) =
        plan.Clear slots.Length
        plan.Tokens <- budget.MaxTokens
        plan.LogitsRows <- budget.MaxLogitsRows
        plan.FreeBlocks <- freeBlocks
        plan.Residents <- 0
        plan.PromisedBlocks <- 0

        for index in 0 .. slots.Length - 1 do
            if slots[index].Resident then
                plan.Residents <- plan.Residents + 1

    /// Chunks and admissions, in order. `admitting` goes off at the first slot that cannot join.
    let prompts (slots: ReadOnlySpan<SlotState>) (budget: inref<StepBudget>) (plan: StepPlan) (mayAdmit: bool) =
        let mutable admitting = mayAdmit
        let mutable going = true
        let mutable index = 0

        while going && index < slots.Length && plan.PromptTokens > 0 do
            let slot = slots[index]

            if slot.Resident && slot.Pending > 1 && plan.Mark index = SlotMark.None then
                going <- Batching.tryChunk &budget slots plan index
            elif not slot.Resident && not slot.Waits && admitting then
                // A preemption means that blocks are short, and who was preempted is the next to join.
                admitting <- plan.Preempted.IsEmpty && Admission.mayJoin &budget slots plan index

                if admitting then
                    plan.Residents <- plan.Residents + 1
                    going <- Batching.tryChunk &budget slots plan index

            index <- index + 1

[<AbstractClass; Sealed>]
type Planner =
    static member Plan(slots: ReadOnlySpan<SlotState>, budget: StepBudget, freeBlocks: int, plan: StepPlan) =
        PlannerParts.start slots &budget freeBlocks plan
        let allDecoding = Batching.decodeRows &budget slots plan
        PromptShare.set &budget slots plan
        PlannerParts.prompts slots &budget plan allDecoding
        Drafting.lengthen &budget slots plan

    static member Fits(promptTokens: int, maxNewTokens: int, budget: StepBudget, blockCount: int) =
        Admission.fits &budget blockCount promptTokens maxNewTokens
