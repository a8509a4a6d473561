namespace StreamCore.Scheduler.Planning

open System

module internal PlacementParts =

    let isInReach (members: ReadOnlySpan<MemberState>) (fits: ReadOnlySpan<MemberFit>) (fit: MemberFit) =
        let mutable found = false

        for i in 0 .. members.Length - 1 do
            if fits[i] = fit && members[i].IsInReach then
                found <- true

        found

    /// What a member must be to the generation to be asked now; `Never`: none may be.
    let wanted (members: ReadOnlySpan<MemberState>) (fits: ReadOnlySpan<MemberFit>) (mayRepeat: bool) =
        if isInReach members fits MemberFit.Fresh then
            MemberFit.Fresh
        elif mayRepeat && isInReach members fits MemberFit.Tried then
            MemberFit.Tried
        else
            MemberFit.Never

    /// Both have a place, and so a capacity.
    let isLessBusy (a: inref<MemberState>) (b: inref<MemberState>) =
        let ofA = int64 a.Taken * int64 b.Capacity
        let ofB = int64 b.Taken * int64 a.Capacity
        ofA < ofB || (ofA = ofB && a.LastUsed < b.LastUsed)

    /// The member to go to; -1: none has a place for it.
    let choose (members: ReadOnlySpan<MemberState>) (fits: ReadOnlySpan<MemberFit>) (mayRepeat: bool) =
        let fit = wanted members fits mayRepeat
        let mutable best = -1

        if fit <> MemberFit.Never then
            for i in 0 .. members.Length - 1 do
                if
                    fits[i] = fit
                    && members[i].HasPlace
                    && (best < 0 || isLessBusy &members[i] &members[best])
                then
                    best <- i

        best

[<AbstractClass; Sealed>]
type Placement =
    static member Turn(served: int64, lastOfKey: int64) = max served lastOfKey + 1L

    static member Next
        (members: ReadOnlySpan<MemberState>, waiting: ReadOnlySpan<WaitingState>, fits: ReadOnlySpan<MemberFit>)
        =
        let mutable next = -1
        let mutable place = -1

        for i in 0 .. waiting.Length - 1 do
            if next < 0 || waiting[i].Turn < waiting[next].Turn then
                let row = fits.Slice(i * members.Length, members.Length)

                match PlacementParts.choose members row waiting[i].MayRepeat with
                | -1 -> ()
                | chosen ->
                    next <- i
                    place <- chosen

        { Waiting = next; Member = place }

    static member Prospect(members: ReadOnlySpan<MemberState>, fits: ReadOnlySpan<MemberFit>, mayRepeat: bool) =
        if PlacementParts.wanted members fits mayRepeat <> MemberFit.Never then
            Prospect.InReach
        elif mayRepeat then
            Prospect.OutOfReach
        else
            Prospect.Lost
