namespace StreamCore.Protocol

open System.Text.Json

/// What a chat request asks of the chat template.
[<RequireQualifiedAccess>]
module internal PromptParse =
    let private efforts = [| "none"; "minimal"; "low"; "medium"; "high"; "xhigh" |]

    let private effort value =
        match JsonCursor.text value with
        | Ok word when not (Array.contains word efforts) -> JsonFault.here (JsonReason.UnknownWord(word, efforts))
        | other -> other

    /// vLLM's name, llama.cpp's, and that of Qwen's own service.
    let private budgetNames = [| "thinking_token_budget"; "thinking_budget_tokens"; "thinking_budget" |]

    let private budgetsDiffer (one: string) (other: string) =
        let message =
            String.concat "" [
                "Setting '"
                one
                "' and '"
                other
                "' to different values is not supported."
            ]

        JsonFault.at other (JsonReason.Other(message, "invalid_parameter_combination"))

    /// Several names for one limit may not contradict each other. -1 is llama.cpp's word for none.
    let private budget limits request : Result<ReasoningBudget | null, JsonFault> =
        let read (found: ReasoningBudget | null) name =
            match JsonCursor.nullable name (JsonCursor.smallInteger -1 limits.MaxCompletionTokens) request with
            | Error fault -> Error fault
            | Ok value when value.GetValueOrDefault -1 = -1 -> Ok found
            | Ok value ->
                match found with
                | null ->
                    Ok {
                        MaxTokens = value.Value
                        Param = name
                    }
                | earlier when earlier.MaxTokens <> value.Value -> budgetsDiffer earlier.Param name
                | earlier -> Ok earlier

        (Ok null, budgetNames)
        ||> Array.fold (fun found name -> Result.bind (fun found -> read found name) found)

    /// Variables that are the server's to set.
    let private reserved = [|
        "messages"
        "tools"
        "documents"
        "add_generation_prompt"
        "bos_token"
        "eos_token"
    |]

    let private templateArguments (value: JsonElement) =
        match JsonCursor.object value with
        | Error fault -> Error fault
        | Ok arguments ->
            match reserved |> Array.tryFind (fun name -> JsonCursor.hasField name arguments) with
            | Some name -> JsonFault.at name JsonReason.UnsupportedParameter
            | None -> Ok(arguments.GetRawText())

    let private bothEnds =
        JsonReason.Other(
            "'continue_final_message' and 'add_generation_prompt' cannot both be true: a message that goes on has begun already.",
            "invalid_parameter_combination"
        )

    let private nothingToContinue =
        JsonReason.Other(
            "'continue_final_message' needs a last message with role 'assistant' and without tool calls.",
            "invalid_value"
        )

    let private canContinue (messages: ChatMessage[]) =
        let last = Array.last messages
        last.Role = ChatRole.Assistant && last.ToolCalls.Length = 0

    let settings limits messages request =
        result {
            let! arguments =
                JsonCursor.textOrNull "chat_template_kwargs" templateArguments request

            let! continues =
                JsonCursor.field "continue_final_message" JsonCursor.boolean false request

            let! adds =
                JsonCursor.field "add_generation_prompt" JsonCursor.boolean (not continues) request

            let! effort = JsonCursor.textOrNull "reasoning_effort" effort request
            let! budget = budget limits request

            return!
                if continues && adds then
                    JsonFault.at "continue_final_message" bothEnds
                elif continues && not (canContinue messages) then
                    JsonFault.at "continue_final_message" nothingToContinue
                else
                    Ok {
                        TemplateArguments = arguments
                        AddsGenerationPrompt = adds
                        ContinuesFinalMessage = continues
                        ReasoningEffort = effort
                        ReasoningBudget = budget
                    }
        }
