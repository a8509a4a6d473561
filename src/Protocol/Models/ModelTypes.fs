namespace StreamCore.Protocol

/// A model as the list of models shows it.
[<NoComparison>]
type ModelCard = {
    /// May contain `/`.
    Id: string
    /// Unix time in seconds.
    Created: int64
    OwnedBy: string
    /// Where a model stands that is loaded and unloaded on demand: `unloaded`, `loading`, `loaded` or `unloading`, in llama.cpp's form.
    /// Null for others: it is not told then.
    Status: string | null
}
