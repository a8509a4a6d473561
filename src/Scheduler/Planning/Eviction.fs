[<RequireQualifiedAccess>]
module internal StreamCore.Scheduler.Planning.Eviction

open System

let private rank (state: inref<ResidentState>) =
    if state.Users = 0 then 0
    elif state.Phase = ResidencyPhase.Draining then 1
    else 2

/// Whether `a` goes before `b`: unused ones first, then those that drain already (so that a choice once made is kept), each least
/// recently used first.
let private goesBefore (a: inref<ResidentState>) (b: inref<ResidentState>) =
    let rankA = rank &a
    let rankB = rank &b
    rankA < rankB || (rankA = rankB && a.LastUsed < b.LastUsed)

let private next (models: ReadOnlySpan<ResidentState>) (isChosen: bool[]) =
    let mutable best = -1

    for i in 0 .. models.Length - 1 do
        if
            models[i].IsEvictable
            && not isChosen[i]
            && (best < 0 || goesBefore &models[i] &models[best])
        then
            best <- i

    best

/// The models whose memory is to be had, so that `needed` bytes more come free; as many as there are where that is not enough.
/// None of them is there in vain: without any of them the rest would not do.
let choose (models: ReadOnlySpan<ResidentState>) (isLeaving: bool[]) (needed: int64) =
    let isTaken = Array.copy isLeaving
    let order = Array.zeroCreate<int> models.Length
    let mutable count = 0
    let mutable missing = needed
    let mutable candidate = next models isTaken

    while missing > 0L && candidate >= 0 do
        isTaken[candidate] <- true
        order[count] <- candidate
        count <- count + 1
        missing <- missing - models[candidate].Bytes
        candidate <- next models isTaken

    let isChosen = Array.zeroCreate<bool> models.Length

    for place in count - 1 .. -1 .. 0 do
        let bytes = models[order[place]].Bytes
        isChosen[order[place]] <- missing + bytes > 0L

        if not isChosen[order[place]] then
            missing <- missing + bytes

    isChosen
