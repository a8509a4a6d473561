/// Runs of slots that are resident already: decode rows, and chunks of prompts.
[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Batching

open System

/// Tokens of the next chunk of a slot, blocks aside.
let private wanted (budget: inref<StepBudget>) (slot: inref<SlotState>) (plan: StepPlan) =
    min slot.Pending (min budget.MaxChunkTokens plan.PromptTokens)

/// Adds the run of `tokens` new tokens; its blocks are known to be free.
let add (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) (index: int) (tokens: int) =
    let slot = &slots[index]

    plan.Add {
        Slot = index
        TokenCount = tokens
        DraftCount = 0
        LogitsCount = slot.LogitsOf tokens
        NewBlocks = Blocks.missing &budget &slot (slot.Cached + tokens)
    }

/// Adds as much of the slot's prompt as tokens, rows of logits and blocks allow, preempting only when nothing fits.
/// False when blocks ran out before the chunk was whole.
let tryChunk (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) (index: int) =
    let slot = &slots[index]
    let chunk = wanted &budget &slot plan

    while Blocks.room &budget &slot plan.FreeBlocks <= 0
          && Preemption.tryYoungest slots plan index do
        ()

    let fitting = min chunk (Blocks.room &budget &slot plan.FreeBlocks)
    // Tokens whose logits are wanted wait for rows, as the last of every prompt does; the tokens before them need not.
    let tokens = min fitting (slot.TokensWith plan.LogitsRows)

    if tokens > 0 then
        add &budget slots plan index tokens

    let held = Blocks.holding budget.BlockTokens (slot.Cached + max 0 tokens)
    let whole = Blocks.holding budget.BlockTokens slot.Known
    plan.PromisedBlocks <- plan.PromisedBlocks + max 0 (whole - max held slot.Blocks)
    fitting >= chunk

/// Adds the one new token of every resident that has all others in the cache, oldest first.
/// False when one of them has to wait for a block.
let decodeRows (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    let mutable allFit = true

    for index in 0 .. slots.Length - 1 do
        let slot = &slots[index]

        if
            slot.IsDecoding
            && plan.Mark index = SlotMark.None
            && plan.Tokens > 0
            && plan.LogitsRows > 0
        then
            while Blocks.room &budget &slot plan.FreeBlocks <= 0
                  && Preemption.tryYoungest slots plan index do
                ()

            if Blocks.room &budget &slot plan.FreeBlocks > 0 then
                add &budget slots plan index 1
            else
                allFit <- false

    allFit
