namespace StreamCore.Scheduler.Planning

open System

/// Decides which waiting generation goes to which member of a pool. Pure: the same members and generations give the same answer.
[<AbstractClass; Sealed>]
type Placement =

    /// The turn of a generation that comes now. Each key's generations have rising turns, and a key whose generations wait behind
    /// many of another's is on a level with the first of them: keys take turns.
    ///
    /// `served` is the highest turn that was given a place, `lastOfKey` the highest of those of the same key that wait, 0 when none does.
    /// A turn is never changed, and those that come later get higher and higher ones: nobody is passed for ever.
    static member Turn: served: int64 * lastOfKey: int64 -> int64

    /// The next to be placed: of those that some member with a place may take the one with the lowest turn, among equals the first
    /// in the list, which is in order of arrival. It goes to the member that is least busy for its capacity, among equals the one
    /// that was used least recently.
    ///
    /// A generation goes to fresh members only as long as one is in reach, and otherwise, if it may, to one that failed at it before.
    /// `fits` has a row for each generation, with what each member is to it.
    static member Next:
        members: ReadOnlySpan<MemberState> * waiting: ReadOnlySpan<WaitingState> * fits: ReadOnlySpan<MemberFit> ->
            Placing

    /// What a generation that was not placed can hope for. `fits` is its row.
    static member Prospect:
        members: ReadOnlySpan<MemberState> * fits: ReadOnlySpan<MemberFit> * mayRepeat: bool -> Prospect
