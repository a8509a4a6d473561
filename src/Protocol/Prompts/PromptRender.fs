namespace StreamCore.Protocol

open System
open System.Text.Json
open StreamCore.Protocol.Templating

/// From a request to the text that the model goes on with.
[<RequireQualifiedAccess>]
module internal PromptRender =
    /// Put at the end of a message that is to be continued, to find that end again: templates trim and wrap. Of private-use
    /// characters, which no text has by accident.
    let private endMark = "\uE0F1\uE0F2\uE0F1"

    let private set (context: TemplateContext) (name: string) (json: string) =
        use document = JsonDocument.Parse json
        context.SetJson(name, document.RootElement)

    let private setTools (context: TemplateContext) (tools: ToolDefinition[]) =
        // As transformers does: without tools the variable is none, not undefined.
        if tools.Length = 0 then
            context.SetNull "tools"
        else
            set context "tools" (String.concat "" [ "["; String.concat "," (tools |> Array.map _.Json); "]" ])

    /// `none` is the one effort that a switch can honour.
    let private setEffort (context: TemplateContext) (template: ChatTemplate) (effort: string | null) =
        match effort with
        | null -> ()
        | word when template.Mentions "reasoning_effort" -> context.SetString("reasoning_effort", word)
        | _ -> context.SetBool("enable_thinking", false)

    /// A switch turns off what would otherwise be ended as soon as it begins.
    let private setBudget (context: TemplateContext) (template: ChatTemplate) (budget: ReasoningBudget | null) =
        match budget with
        | NonNull { MaxTokens = 0 } when template.Mentions "enable_thinking" ->
            context.SetBool("enable_thinking", false)
        | _ -> ()

    let private setArguments (context: TemplateContext) (arguments: string | null) =
        match arguments with
        | null -> ()
        | json ->
            use document = JsonDocument.Parse json

            for argument in document.RootElement.EnumerateObject() do
                context.SetJson(argument.Name, argument.Value)

    let private setToken (context: TemplateContext) name (token: string | null) =
        match token with
        | null -> ()
        | spelling -> context.SetString(name, spelling)

    let private context model (request: ChatRequest) now asText messages adds =
        let context = TemplateContext(Now = Nullable now)
        context.SetMessages("messages", PromptMessages.all model asText messages)
        setTools context request.ToolUse.Tools
        context.SetNull "documents"
        context.SetBool("add_generation_prompt", adds)
        setToken context "bos_token" model.BeginToken
        setToken context "eos_token" model.EndToken
        setEffort context model.Template request.Prompt.ReasoningEffort
        setBudget context model.Template request.Prompt.ReasoningBudget
        setArguments context request.Prompt.TemplateArguments
        context

    let private renderOnce model request now asText messages adds : Result<string, string> =
        match model.Template.TryRender(context model request now asText messages adds) with
        | true, text, _ -> Ok(string text)
        | false, _, error -> Error(string error)

    /// Most templates print arguments that are objects; a few join them to text, and fail with an object.
    let private render model (request: ChatRequest) now messages adds =
        let called = messages |> Array.exists (fun message -> message.ToolCalls.Length > 0)

        match renderOnce model request now false messages adds with
        | Error first when called ->
            match renderOnce model request now true messages adds with
            | Ok text -> Ok text
            | Error _ -> PromptFault.at "messages" first "chat_template_error"
        | Error fault -> PromptFault.at "messages" fault "chat_template_error"
        | Ok text -> Ok text

    /// The prompt that ends within the last message.
    let private continued model (request: ChatRequest) now (content: string) =
        let last = request.Messages.Length - 1

        let marked = {
            request.Messages[last] with
                Content = content + endMark
        }

        match render model request now (Array.append request.Messages[.. last - 1] [| marked |]) false with
        | Error fault -> Error fault
        | Ok text ->
            match text.LastIndexOf(endMark, StringComparison.Ordinal) with
            | -1 ->
                PromptFault.at
                    "continue_final_message"
                    $"The chat template of the model '{model.Name}' does not show the last message as it is."
                    "chat_template_error"
            | at -> Ok(text.Substring(0, at))

    /// What the answer goes on with, where it goes on with something.
    let private prefill (request: ChatRequest) =
        if request.Prompt.ContinuesFinalMessage then
            string (Array.last request.Messages).Content
        else
            ""

    let private endsInReasoning (prefill: string) (prompt: string) =
        prompt.AsSpan().TrimEnd().EndsWith AnswerSyntax.ReasoningOpening
        || prefill.LastIndexOf(AnswerSyntax.ReasoningOpening, StringComparison.Ordinal) >
            prefill.LastIndexOf(AnswerSyntax.ReasoningClosing, StringComparison.Ordinal)

    let private answer model (request: ChatRequest) (prefill: string) prompt =
        let tools = request.ToolUse.Tools
        let reasons = PromptRules.reasons model.Template
        let inReasoning = reasons && endsInReasoning prefill prompt

        {
            Tools =
                if tools.Length = 0 then
                    ToolSyntax.None
                else
                    model.ToolSyntax
            Callable = tools
            IsSingleCall = not request.ToolUse.IsParallel
            HasReasoning = reasons
            StartsInReasoning = inReasoning
            ContinuesText = prefill <> "" && not inReasoning
        }

    let prompt model (request: ChatRequest) now =
        let prefill = prefill request
        let messages = request.Messages

        result {
            let! () = PromptRules.check model request

            let! text =
                if prefill <> "" then
                    continued model request now prefill
                elif request.Prompt.ContinuesFinalMessage then
                    // Nothing to go on with is a new answer.
                    render model request now messages[.. messages.Length - 2] true
                else
                    render model request now messages request.Prompt.AddsGenerationPrompt

            let answer = answer model request prefill text

            let! grammar =
                AnswerGrammar.ofRequest request answer (text.AsSpan().TrimEnd().EndsWith AnswerSyntax.ReasoningClosing)

            return {
                Text = text
                Answer = answer
                Grammar = grammar
            }
        }
