[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Admission

open System

/// Whether a sequence can end at all when it has the cache for itself. The last token of an answer is never cached.
let fits (budget: inref<StepBudget>) (blockCount: int) (promptTokens: int) (maxNewTokens: int) =
    let tokens = int64 promptTokens + int64 maxNewTokens - 1L
    tokens <= int64 blockCount * int64 budget.BlockTokens

/// A waiting slot joins when all it has to compute fits beside what residents' prompts still need.
/// Room for the first chunk alone would let it in, only to be thrown out half-way and begin again.
let mayJoin (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) (index: int) =
    let slot = &slots[index]

    plan.Mark index = SlotMark.None
    && plan.Residents < min budget.MaxSequences (min budget.MaxTokens budget.MaxLogitsRows)
    && slot.TokensWith plan.LogitsRows > 0 // a scored prompt may have taken them all
    && Blocks.missing &budget &slot slot.Known <= plan.FreeBlocks - plan.PromisedBlocks
