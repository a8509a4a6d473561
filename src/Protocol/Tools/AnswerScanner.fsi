namespace StreamCore.Protocol

open System

/// Takes one answer apart while it grows: content, reasoning, and calls of tools. The same for streams and whole answers: what
/// it tells does not depend on how the text was cut. Held back is only what may still turn out to be markup. Markup that
/// turns out to be none, or that names no declared tool, is content; a call that is cut off is told as far as it came.
/// Text costs no allocation. One scanner for one answer.
[<Sealed>]
type AnswerScanner =
    new: syntax: AnswerSyntax -> AnswerScanner

    /// Reads on. The text is the whole of the answer so far, in whole characters of UTF-8: what it held before, and more.
    /// At its end, what was held back is told.
    member Read: text: ReadOnlySpan<byte> * isEnd: bool * events: IAnswerEvents -> unit

    /// How many calls have ended.
    member CallCount: int

    /// What the client is told of the end of an answer that has been read to it: an answer that was not cut off, and called, ended
    /// to call.
    member FinishReason: ended: FinishReason * asFunctions: bool -> FinishReason
