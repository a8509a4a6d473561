/// How much of a step prompts may have beside decode rows.
[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.PromptShare

open System

/// A step takes as long as all of its tokens, and who decodes waits for all of them. So prompts get little beside decode rows, but more
/// the more of them wait for each sequence that would be held up. `decoding` is not 0.
let private beside (decoding: int) (waiting: int) (budget: inref<StepBudget>) =
    int64 budget.MaxPromptTokens * int64 (max decoding waiting) / int64 decoding

/// Sets what prompts may have of the tokens that are left. Called when the decode rows are in the plan, and nothing else is.
let set (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    let decoding = plan.Runs.Length

    if decoding = 0 then
        plan.PromptTokens <- plan.Tokens
    else
        let mutable waiting = 0

        for index in 0 .. slots.Length - 1 do
            if not slots[index].IsDecoding && not slots[index].Waits then
                waiting <- waiting + 1

        plan.PromptTokens <- int (min (int64 plan.Tokens) (beside decoding waiting &budget))
