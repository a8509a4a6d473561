namespace StreamCore.Protocol

open System.Text
open System.Text.Json
open StreamCore.Protocol.Grammar

/// What an answer may be, from the format and the calls that a request asks for, in the way the model writes both.
[<RequireQualifiedAccess>]
module internal AnswerGrammar =
    let private literal (text: string) = GrammarSpec.Literal text

    let private sequence (parts: GrammarSpec list) =
        GrammarSpec.Sequence(Array.ofList parts)

    let private any part = GrammarSpec.Repeat(part, 0, -1)

    /// Arguments are kept to the schema where the answer must be a call, and for strict tools.
    let private arguments (toolUse: ToolUse) (tool: ToolDefinition) =
        if toolUse.MustCall || tool.IsStrict then
            use schema = JsonDocument.Parse tool.Parameters
            GrammarSpec.Schema(schema.RootElement, "function " + Shown.quoted tool.Name, toolUse.Param)
        else
            GrammarSpec.AnyObject()

    /// The object of a call of one of the tools.
    let private object (toolUse: ToolUse) (key: string) =
        let one (tool: ToolDefinition) =
            sequence [
                literal (String.concat "" [ "{\"name\": \""; tool.Name; "\", \""; key; "\": " ])
                arguments toolUse tool
                literal "}"
            ]

        GrammarSpec.Choice(Array.map one toolUse.Tools)

    /// The item, and more of them where several calls are allowed.
    let private list (toolUse: ToolUse) (between: string) (item: GrammarSpec) =
        if toolUse.IsParallel then
            sequence [ item; any (sequence [ literal between; item ]) ]
        else
            item

    /// The marker that opens calls in this syntax, wherever they stand; empty where there is none that must.
    let private opening syntax =
        let markup = ToolMarkup.ofSyntax syntax

        if markup.IsBare then
            ""
        else
            Encoding.UTF8.GetString markup.Opening

    /// What follows the marker that opens calls, in syntaxes that always have one.
    let private afterMarker (toolUse: ToolUse) syntax =
        match syntax with
        | ToolSyntax.Hermes ->
            sequence [
                literal "\n"
                object toolUse "arguments"
                literal ("\n" + Encoding.UTF8.GetString (ToolMarkup.ofSyntax syntax).Closing)
            ]
        | _ -> sequence [ literal "["; list toolUse ", " (object toolUse "arguments"); literal "]" ]

    /// An answer that is calls and nothing else.
    let private calls (toolUse: ToolUse) syntax =
        match syntax with
        | ToolSyntax.Hermes -> list toolUse "\n" (sequence [ literal (opening syntax); afterMarker toolUse syntax ])
        | ToolSyntax.Mistral -> sequence [ literal (opening syntax); afterMarker toolUse syntax ]
        | ToolSyntax.Llama -> list toolUse "; " (object toolUse "parameters")
        | _ ->
            let item = object toolUse "arguments"

            if toolUse.IsParallel then
                GrammarSpec.Choice(item, sequence [ literal "["; list toolUse ", " item; literal "]" ])
            else
                item

    /// Any text, in which whatever begins like a call is one.
    let private textOrCalls (toolUse: ToolUse) syntax (marker: string) =
        sequence [
            any (sequence [ GrammarSpec.TextUntil marker; afterMarker toolUse syntax ])
            GrammarSpec.TextWithout marker
        ]

    /// Without a marker, a call begins like any text that begins with a brace.
    let private strictWithoutMarker (toolUse: ToolUse) =
        PromptFault.at
            toolUse.Param
            "This model writes calls without a marker, so 'strict' needs a 'tool_choice' that makes it call: 'required' or a function."
            "unsupported_value"

    let private content (request: ChatRequest) syntax : Result<GrammarSpec | null, ApiError> =
        let toolUse = request.ToolUse
        let hasTools = toolUse.Tools.Length > 0

        match request.Format with
        | _ when hasTools && toolUse.MustCall -> Ok(calls toolUse syntax)
        | null when hasTools && toolUse.Tools |> Array.exists _.IsStrict ->
            match opening syntax with
            | "" -> strictWithoutMarker toolUse
            | marker -> Ok(textOrCalls toolUse syntax marker)
        | null -> Ok null
        | format when hasTools -> Ok(GrammarSpec.Choice(format, calls toolUse syntax))
        | format -> Ok format

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
