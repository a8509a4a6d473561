namespace StreamCore.Scheduler.Planning

open System

/// Decides what the next step of an engine instance does. Pure: the same slots and blocks give the same plan.
[<AbstractClass; Sealed>]
type Planner =

    /// Fills `plan` from the slots, which come in order of seniority: the first is served first and preempted last.
    ///
    /// 1. Every resident with one token to go gets its decode row. A missing block is taken from the youngest resident.
    /// 2. The other residents get chunks of their prompts, and waiting slots join, in order, with the tokens that are left.
    ///    Nobody overtakes: who cannot join keeps those behind it waiting too, unless it waits for another's prompt.
    ///
    /// A slot preempted in step 1 or 2 computes its tokens again when it joins again. A plan may have preemptions and no runs;
    /// then planning again after carrying them out makes progress.
    static member Plan: slots: ReadOnlySpan<SlotState> * budget: StepBudget * freeBlocks: int * plan: StepPlan -> unit

    /// Whether a sequence can ever be computed with `blockCount` blocks in all.
    static member Fits: promptTokens: int * maxNewTokens: int * budget: StepBudget * blockCount: int -> bool
