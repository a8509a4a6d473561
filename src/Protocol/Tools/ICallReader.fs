namespace StreamCore.Protocol

open System

type internal CallStatus =
    | NeedsMore = 0
    /// The call has ended, or did without its end.
    | Done = 1
    /// It is no call. Nothing was told of it.
    | Failed = 2

/// Reads one call after another, from a text that grows. A call is told of as soon as its name is known and its arguments have
/// begun; from then on it stays a call, whatever follows.
type internal ICallReader =
    /// Where the text goes on that is not of the call.
    abstract Position: int

    /// Begins with the call whose first byte is there. One that no marker announced is loose.
    abstract Start: at: int * isLoose: bool -> unit

    /// Reads on in the text, which holds all that it held before.
    abstract Read: text: ReadOnlySpan<byte> * call: int * events: IAnswerEvents -> CallStatus

    /// The text has ended in the middle of the call.
    abstract End: text: ReadOnlySpan<byte> * call: int * events: IAnswerEvents -> CallStatus

/// Words in calls.
[<RequireQualifiedAccess>]
module internal CallText =
    /// Bytes. Longer than any key or name that is looked for: OpenAI's rule for names allows 64.
    [<Literal>]
    let MaxLength = 128

    /// The place of the text among the words, or -1.
    let indexIn (words: byte[][]) (text: ReadOnlySpan<byte>) =
        let mutable index = words.Length - 1

        while index >= 0 && not (text.SequenceEqual(ReadOnlySpan words[index])) do
            index <- index - 1

        index
