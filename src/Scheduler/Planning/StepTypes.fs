namespace StreamCore.Scheduler.Planning

/// What one step may cost, and the size of a cache block. The same for every step of an engine instance.
[<Struct; NoComparison>]
type StepBudget = {
    /// New tokens in one step, decode rows and prefill chunks together.
    MaxTokens: int
    /// Sequences in one step, and so the generations that hold cache blocks at a time.
    MaxSequences: int
    /// Rows of logits in one step.
    MaxLogitsRows: int
    /// New tokens of one sequence in one step.
    MaxChunkTokens: int
    /// New tokens of prompts for each decode row of a step, or for each sequence that waits for its first token where these are more.
    PromptTokensPerRow: int
    /// New tokens of a step up to which drafts are added: beyond, a row that verifies one costs more than it gains.
    MaxDraftedTokens: int
    /// Tokens in one cache block.
    BlockTokens: int
}

/// What the planner knows of a slot. A slot is a generation's place, running or waiting for one.
[<Struct; NoComparison>]
type SlotState = {
    /// Tokens of the sequence that are decided: the prompt and the answer so far.
    Known: int
    /// Tokens of it that are in the cache already: fewer than `Known`.
    Cached: int
    /// The first position whose logits are wanted, and of all after it: `Known - 1` but for a prompt that is scored.
    LogitsFrom: int
    /// Tokens that may follow the known ones, to be verified behind a decode row.
    Drafts: int
    /// Cache blocks it holds.
    Blocks: int
    /// Cache blocks that become free when it gives its own up: fewer than `Blocks` where others share some.
    Freeable: int
    /// It takes part in steps. A slot that does not waits for admission, new or preempted.
    Resident: bool
    /// It may not join yet, and who comes after it may pass: another computes what it can take over.
    Waits: bool
} with

    /// Tokens not in the cache yet. One is a decode row, more are (the rest of) a prompt.
    member slot.Pending = slot.Known - slot.Cached

    /// It has a decode row in each step that has room.
    member slot.IsDecoding = slot.Resident && slot.Pending = 1

    /// Rows of logits that a run of so many new tokens has.
    member slot.LogitsOf(tokens: int) =
        max 0 (slot.Cached + tokens - max slot.Cached slot.LogitsFrom)

    /// Most new tokens whose rows of logits are not more than `rows`.
    member slot.TokensWith(rows: int) =
        max 0 (slot.LogitsFrom - slot.Cached) + rows

/// One sequence's part in a planned step.
[<Struct; NoComparison>]
type PlannedRun = {
    /// Index into the slots the plan was made from.
    Slot: int
    /// New tokens, from the slot's first token that is not in the cache, drafts included.
    TokenCount: int
    /// How many of its last tokens are drafts.
    DraftCount: int
    /// How many of its last tokens want logits: 0 for an inner prompt chunk, 1 when the run reaches the last known token,
    /// more where a prompt is scored, and one for each draft.
    LogitsCount: int
    /// Cache blocks to take before the step.
    NewBlocks: int
}
