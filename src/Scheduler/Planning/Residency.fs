namespace StreamCore.Scheduler.Planning

open System

module internal ResidencyParts =

    /// Who is next in line: of the models that requests wait for, loading ones apart, the one whose first request came first; -1: nobody.
    let first (models: ReadOnlySpan<ResidentState>) (actions: Span<ResidencyAction>) =
        let mutable first = -1

        for i in 0 .. models.Length - 1 do
            if
                models[i].IsWaitedFor
                && models[i].Phase <> ResidencyPhase.Loading
                && actions[i] <> ResidencyAction.Load
                && (first < 0 || models[i].FirstWaiter < models[first].FirstWaiter)
            then
                first <- i

        first

    let isExpired (model: inref<ResidentState>) (now: int64) =
        model.IsEvictable
        && model.Users = 0
        && not model.IsWaitedFor
        && model.KeptUntil <= now

    /// The models that are on their way out, whatever else is decided.
    let leaving (models: ReadOnlySpan<ResidentState>) (actions: Span<ResidencyAction>) =
        let isLeaving = Array.zeroCreate<bool> models.Length

        for i in 0 .. models.Length - 1 do
            isLeaving[i] <-
                models[i].Phase = ResidencyPhase.Unloading
                || actions[i] = ResidencyAction.Unload

        isLeaving

    /// Lets go of what the first in line needs, and of no more.
    let makeRoom (models: ReadOnlySpan<ResidentState>) (missing: int64) (actions: Span<ResidencyAction>) =
        let isLeaving = leaving models actions
        let mutable needed = missing

        for i in 0 .. models.Length - 1 do
            if isLeaving[i] then
                needed <- needed - models[i].Bytes

        let isChosen = Eviction.choose models isLeaving needed

        for i in 0 .. models.Length - 1 do
            if isChosen[i] && models[i].Users = 0 then
                actions[i] <- ResidencyAction.Unload
            elif isChosen[i] && models[i].Phase = ResidencyPhase.Loaded then
                actions[i] <- ResidencyAction.Drain
            elif
                not isChosen[i]
                && models[i].Phase = ResidencyPhase.Draining
                && actions[i] = ResidencyAction.None
            then
                actions[i] <- ResidencyAction.Resume

    let resumeAll (models: ReadOnlySpan<ResidentState>) (actions: Span<ResidencyAction>) =
        for i in 0 .. models.Length - 1 do
            if models[i].Phase = ResidencyPhase.Draining && actions[i] = ResidencyAction.None then
                actions[i] <- ResidencyAction.Resume

[<AbstractClass; Sealed>]
type Residency =
    static member Plan(models: ReadOnlySpan<ResidentState>, budget: int64, now: int64, actions: Span<ResidencyAction>) =
        actions.Clear()
        let mutable used = 0L

        for i in 0 .. models.Length - 1 do
            if models[i].IsPresent then
                used <- used + models[i].Bytes

            if ResidencyParts.isExpired &models[i] now then
                actions[i] <- ResidencyAction.Unload

        let mutable going = true

        while going do
            match ResidencyParts.first models actions with
            | -1 ->
                ResidencyParts.resumeAll models actions
                going <- false
            | first when models[first].Phase = ResidencyPhase.Absent ->
                let missing = used + models[first].Bytes - budget

                if missing > 0L then
                    ResidencyParts.makeRoom models missing actions
                    going <- false
                else
                    used <- used + models[first].Bytes
                    actions[first] <- ResidencyAction.Load
            | first ->
                // Loaded still: it is used again. Being unloaded: the others wait until it is their turn again.
                if models[first].IsEvictable then
                    actions[first] <- ResidencyAction.Resume

                going <- false
