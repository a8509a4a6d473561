namespace StreamCore.Scheduler.Planning

open System

/// Decides which models are in memory. Pure: the same models and the same time give the same actions.
[<AbstractClass; Sealed>]
type Residency =

    /// Says for each model what is to be done now. The actions are to be carried out together, and what has changed by then planned again:
    /// only then are all consequences drawn.
    ///
    /// 1. A model that nobody uses or waits for is unloaded when its keep-alive has ended.
    /// 2. Models are loaded in the order in which requests came to wait for them; nobody overtakes. Where memory is short for the first,
    ///    unused models are unloaded, least recently used first, and where that is not enough, used ones drain: they take nobody new,
    ///    so that a stream of requests to them cannot keep the first waiting for ever.
    /// 3. A model that drains for nobody any more is resumed.
    ///
    /// A model that is used is never unloaded. Loading, loaded and unloading models together never take more than `budget` bytes, if each
    /// alone does not.
    static member Plan:
        models: ReadOnlySpan<ResidentState> * budget: int64 * now: int64 * actions: Span<ResidencyAction> -> unit
