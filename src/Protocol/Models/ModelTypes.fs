namespace StreamCore.Protocol

/// A model as the list of models shows it.
[<NoComparison>]
type ModelCard = {
    /// May contain `/`.
    Id: string
    /// Unix time in seconds.
    Created: int64
    OwnedBy: string
}
