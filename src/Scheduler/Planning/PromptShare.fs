/// How much of a step prompts may have beside decode rows.
[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.PromptShare

open System

/// Beside few decode rows: reading the weights for less is dear.
let private least = 24L

/// Sets what prompts may have of the tokens that are left. Called when the decode rows are in the plan, and nothing else is.
/// Who decodes waits for all tokens of a step. So prompts get as many as prolong it to a multiple, whatever the number of rows, but more
/// where more sequences wait for their first token than would be held up.
let set (budget: inref<StepBudget>) (slots: ReadOnlySpan<SlotState>) (plan: StepPlan) =
    let decoding = plan.Runs.Length

    if decoding = 0 then
        plan.PromptTokens <- plan.Tokens
    else
        let mutable waiting = 0

        for index in 0 .. slots.Length - 1 do
            if not slots[index].IsDecoding && not slots[index].Waits then
                waiting <- waiting + 1

        let share = int64 budget.PromptTokensPerRow * int64 (max decoding waiting)
        plan.PromptTokens <- int (min (int64 plan.Tokens) (max least share))
