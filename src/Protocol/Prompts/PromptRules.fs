namespace StreamCore.Protocol

open System.Globalization
open StreamCore.Protocol.Templating

/// What a conversation may ask of the model's chat template. What the template does not know is refused, not left out.
[<RequireQualifiedAccess>]
module internal PromptRules =
    let private knowsTools (template: ChatTemplate) =
        template.Mentions "tools" || template.Contains "tool_calls"

    /// Whether the model's answers may begin with reasoning.
    let reasons (template: ChatTemplate) =
        template.Contains AnswerSyntax.ReasoningOpening
        || template.Contains AnswerSyntax.ReasoningClosing

    let private tools model (request: ChatRequest) =
        let param = request.ToolUse.Param

        if request.ToolUse.Tools.Length = 0 then
            Ok()
        elif not (model.Template.Mentions "tools") then
            PromptFault.at
                param
                $"The model '{model.Name}' cannot be given tools: its chat template does not know them."
                "tools_not_supported"
        elif model.ToolSyntax = ToolSyntax.None then
            PromptFault.at
                param
                $"The model '{model.Name}' cannot be given tools: the server does not know how it writes its calls. The operator can say so in the model's settings."
                "tools_not_supported"
        else
            Ok()

    let private images (model: PromptModel) (messages: ChatMessage[]) =
        match messages |> Array.tryFindIndex (fun message -> message.Images.Length > 0) with
        | Some index -> Error(ApiError.ImageNotSupported(model.Name, index, messages[index].Images[0].Part))
        | None -> Ok()

    let private history model (messages: ChatMessage[]) =
        let isOfTools (message: ChatMessage) =
            message.ToolCalls.Length > 0
            || message.Role = ChatRole.Tool
            || message.Role = ChatRole.Function

        match messages |> Array.tryFindIndex isOfTools with
        | Some index when not (knowsTools model.Template) ->
            let at = index.ToString CultureInfo.InvariantCulture

            PromptFault.at
                $"messages[{at}]"
                $"The model '{model.Name}' cannot be told of tool calls: its chat template does not know them."
                "tools_not_supported"
        | _ -> Ok()

    let private effort model (request: ChatRequest) =
        let isHonoured =
            isNull request.Prompt.ReasoningEffort
            || model.Template.Mentions "reasoning_effort"
            || (request.Prompt.ReasoningEffort = "none"
                && (model.Template.Mentions "enable_thinking" || not (reasons model.Template)))

        if isHonoured then
            Ok()
        else
            PromptFault.at
                "reasoning_effort"
                $"Unsupported value: the chat template of the model '{model.Name}' does not know 'reasoning_effort' {Shown.quoted (string request.Prompt.ReasoningEffort)}."
                "unsupported_value"

    /// Reasoning can be ended where it is known how it ends.
    let private budget model (request: ChatRequest) =
        match request.Prompt.ReasoningBudget with
        | NonNull budget when not (reasons model.Template) ->
            PromptFault.at
                budget.Param
                $"'{budget.Param}' is not supported by the model '{model.Name}': its chat template does not say how it marks reasoning."
                "unsupported_parameter"
        | _ -> Ok()

    let check model (request: ChatRequest) =
        result {
            let! () = tools model request
            let! () = images model request.Messages
            let! () = history model request.Messages
            let! () = budget model request
            return! effort model request
        }
