namespace StreamCore.Scheduler.Planning

/// Where a model stands that is loaded and unloaded on demand.
///
///     Absent -> Loading -> Loaded <-> Draining
///       ^          |         |           |
///       '----------'         v           |
///       '----------------- Unloading <---'
type ResidencyPhase =
    /// Takes no memory. Requests for it wait.
    | Absent = 0
    /// Being loaded; its memory counts. Requests for it wait.
    | Loading = 1
    /// Requests use it at once.
    | Loaded = 2
    /// To be unloaded as soon as nobody uses it; new requests for it wait.
    | Draining = 3
    /// Being unloaded; its memory still counts. Requests for it wait.
    | Unloading = 4

/// What is to be done about a model now.
type ResidencyAction =
    | None = 0
    | Load = 1
    | Drain = 2
    /// A draining model is used again, first by those who wait for it.
    | Resume = 3
    | Unload = 4

/// What the plan of residency knows of a model.
[<Struct; NoComparison>]
type ResidentState = {
    /// Memory that it takes from the beginning of its loading to the end of its unloading.
    Bytes: int64
    Phase: ResidencyPhase
    /// Requests that use it.
    Users: int
    /// The place in line of the first request that waits for it: over all models, first come first. `Int64.MaxValue` when none waits.
    FirstWaiter: int64
    /// Tells which model was used later: counted up over all models when a use begins and ends.
    LastUsed: int64
    /// When an unused model's keep-alive ends; `Int64.MaxValue`: never.
    KeptUntil: int64
} with

    member state.IsPresent = state.Phase <> ResidencyPhase.Absent
    member state.IsWaitedFor = state.FirstWaiter <> System.Int64.MaxValue

    /// Its memory can be had: at once, or when its users have ended.
    member state.IsEvictable =
        state.Phase = ResidencyPhase.Loaded || state.Phase = ResidencyPhase.Draining
