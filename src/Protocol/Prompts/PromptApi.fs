namespace StreamCore.Protocol

open System
open System.Diagnostics.CodeAnalysis
open System.Text
open StreamCore.Protocol.Templating

[<AbstractClass; Sealed>]
type PromptApi =
    static member DetectToolSyntax(template: ChatTemplate) =
        let has (text: string) = template.Contains text

        if not (template.Mentions "tools") then
            ToolSyntax.None
        elif has "[TOOL_CALLS]" then
            if has "[ARGS]" then
                ToolSyntax.MistralV11
            else
                ToolSyntax.Mistral
        elif has "<｜tool▁calls▁begin｜>" then
            if has "```json" then
                ToolSyntax.DeepSeek
            else
                ToolSyntax.DeepSeekV31
        elif has "<|START_ACTION|>" then
            ToolSyntax.CommandR7B
        elif has "<|tool_call|>" then
            if has "<|/tool_call|>" then
                ToolSyntax.Phi4
            else
                ToolSyntax.Granite
        elif has "<tool_call>" then
            if has "<arg_key>" then ToolSyntax.Glm
            elif has "<parameter=" then ToolSyntax.Qwen3Coder
            elif has "<function=" then ToolSyntax.None
            else ToolSyntax.Hermes
        elif has "<|python_tag|>" || (has "ipython" && has "\"parameters\"") then
            ToolSyntax.Llama
        else
            ToolSyntax.None

    static member Markers(syntax: ToolSyntax) =
        Array.append
            [| ToolMarkup.reasoningOpening; ToolMarkup.reasoningClosing |]
            (ToolMarkup.marks (ToolMarkup.ofSyntax syntax))
        |> Array.map Encoding.UTF8.GetString

    static member TryRender
        (
            model: PromptModel,
            request: ChatRequest,
            now: DateTimeOffset,
            [<NotNullWhen true>] prompt: outref<ChatPrompt | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        match PromptRender.prompt model request now with
        | Ok rendered ->
            prompt <- rendered
            error <- null
            true
        | Error fault ->
            prompt <- null
            error <- fault
            false
