[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Blocks

/// Blocks that hold `tokens` tokens. No overflow, whatever a client asked for.
let holding (blockTokens: int) (tokens: int) =
    tokens / blockTokens + (if tokens % blockTokens = 0 then 0 else 1)

/// Blocks a slot needs beyond its own to have `tokens` tokens in the cache.
let missing (budget: inref<StepBudget>) (slot: inref<SlotState>) (tokens: int) =
    max 0 (holding budget.BlockTokens tokens - slot.Blocks)

/// How many new tokens a slot has room for with `free` more blocks.
let room (budget: inref<StepBudget>) (slot: inref<SlotState>) (free: int) =
    (slot.Blocks + max 0 free) * budget.BlockTokens - slot.Cached
