namespace StreamCore.Scheduler.Planning

/// What a member of a pool is to a generation that waits for a place.
type MemberFit =
    /// It cannot run it.
    | Never = 0
    /// It can run it, and was not asked yet.
    | Fresh = 1
    /// It can run it, and failed at it before.
    | Tried = 2

/// Where a generation stands that waits for a place.
type Prospect =
    /// Some member that it may go to is in reach, though perhaps full.
    | InReach = 0
    /// None is, but one may come.
    | OutOfReach = 1
    /// It has been where it may go.
    | Lost = 2

/// What placement knows of a member of a pool.
[<Struct; NoComparison>]
type MemberState = {
    /// Places that it has now; 0 while it is out of reach.
    Capacity: int
    /// Places that are taken: more than `Capacity` where it has become smaller.
    Taken: int
    /// Tells which member was given a generation later: counted up over all members.
    LastUsed: int64
} with

    member state.IsInReach = state.Capacity > 0
    member state.HasPlace = state.Taken < state.Capacity

/// What placement knows of a generation that waits.
[<Struct; NoComparison>]
type WaitingState = {
    /// The lower is first.
    Turn: int64
    /// It may go once more to a member that failed at it.
    MayRepeat: bool
}

/// Who gets a place, and where.
[<Struct; NoComparison>]
type Placing = {
    /// Index of the waiting generation; -1: nobody can be placed.
    Waiting: int
    Member: int
} with

    member placing.IsNone = placing.Waiting < 0
