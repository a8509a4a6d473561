namespace StreamCore.Protocol

/// What every object of one response repeats: the same in the whole answer, or in each of its chunks.
[<NoComparison>]
type ResponseStamp = {
    /// `chatcmpl-…` or `cmpl-…`.
    Id: string
    /// Unix time in seconds.
    Created: int64
    /// The name the client is told, which need not be the one it asked for.
    Model: string
    /// Changes when the weights or the settings that shape answers change.
    SystemFingerprint: string
}
