namespace StreamCore.Protocol

open System
open StreamCore.Protocol.Grammar
open StreamCore.Protocol.Templating

/// What a model's own files say of its prompts and answers. Made once for each model.
[<NoComparison; NoEquality>]
type PromptModel = {
    /// As clients call it.
    Name: string
    Template: ChatTemplate
    /// Spellings of the tokens that templates call `bos_token` and `eos_token`.
    BeginToken: string | null
    EndToken: string | null
    /// How it writes calls of tools; none where that is not known.
    ToolSyntax: ToolSyntax
}

/// A rendered conversation, and how the answer to it is to be read.
[<NoComparison; NoEquality>]
type ChatPrompt = {
    Text: string
    Answer: AnswerSyntax
    /// What the whole answer must be, reasoning and markup included; null where it may be anything.
    Grammar: GrammarSpec | null
}

/// A refusal inside this folder: parameter, message and code.
[<RequireQualifiedAccess>]
module internal PromptFault =
    let at (param: string) (message: string) (code: string) : Result<'a, ApiError> =
        Error(ApiError.InvalidRequest(param, message, code))
