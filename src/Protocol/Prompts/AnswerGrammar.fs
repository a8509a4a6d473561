namespace StreamCore.Protocol

open StreamCore.Protocol.Grammar

/// What an answer may be, from the format and the calls that a request asks for, in the way the model writes both.
[<RequireQualifiedAccess>]
module internal AnswerGrammar =
    let private literal (text: string) = GrammarSpec.Literal text

    let private sequence (parts: GrammarSpec list) =
        GrammarSpec.Sequence(Array.ofList parts)

    let private content (request: ChatRequest) syntax : Result<GrammarSpec | null, ApiError> =
        let toolUse = request.ToolUse

        let withCalls (make: GrammarSpec -> GrammarSpec) : Result<GrammarSpec | null, ApiError> =
            match CallGrammar.one toolUse syntax with
            | Ok one -> Ok(make one)
            | Error fault -> Error fault

        match request.Format with
        | format when toolUse.Tools.Length = 0 -> Ok format
        | _ when toolUse.MustCall -> withCalls (CallGrammar.calls toolUse syntax)
        | null when toolUse.Tools |> Array.exists _.IsStrict -> withCalls (CallGrammar.textOrCalls toolUse syntax)
        | null -> Ok null
        | format -> withCalls (fun one -> GrammarSpec.Choice(format, CallGrammar.calls toolUse syntax one))

    /// What reasons first may do so freely; the line feeds after it are not part of the answer.
    let private afterReasoning (answer: AnswerSyntax) hasReasoned (content: GrammarSpec) =
        let ending = [
            GrammarSpec.TextUntil AnswerSyntax.ReasoningClosing
            GrammarSpec.Repeat(literal "\n", 0, 2)
        ]

        if answer.StartsInReasoning then
            sequence (ending @ [ content ])
        elif answer.HasReasoning && not hasReasoned then
            sequence [
                GrammarSpec.Repeat(sequence (literal AnswerSyntax.ReasoningOpening :: ending), 0, 1)
                content
            ]
        else
            content

    let private continues =
        PromptFault.at
            "continue_final_message"
            "'continue_final_message' cannot be used where the answer is kept to a format or must be a call."
            "invalid_parameter_combination"

    /// Null where the answer may be anything. `hasReasoned` says that the prompt ends behind the reasoning, which then is over.
    let ofRequest (request: ChatRequest) (answer: AnswerSyntax) hasReasoned : Result<GrammarSpec | null, ApiError> =
        match content request answer.Tools with
        | Ok(NonNull _) when request.Prompt.ContinuesFinalMessage -> continues
        | Ok(NonNull content) -> Ok(afterReasoning answer hasReasoned content)
        | other -> other
