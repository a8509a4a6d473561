namespace StreamCore.Protocol

open System
open System.Diagnostics.CodeAnalysis
open System.Text
open StreamCore.Protocol.Templating

[<AbstractClass; Sealed>]
type PromptApi =
    static member DetectToolSyntax(template: ChatTemplate) =
        let isLlama =
            template.Contains "<|python_tag|>"
            || (template.Contains "ipython" && template.Contains "\"parameters\"")

        // Some write XML within the same tags, and newer ones of Mistral the name before the arguments.
        let isXml = template.Contains "<function=" || template.Contains "<arg_key>"

        if not (template.Mentions "tools") then
            ToolSyntax.None
        elif template.Contains "[ARGS]" then
            ToolSyntax.None
        elif template.Contains "[TOOL_CALLS]" then
            ToolSyntax.Mistral
        elif template.Contains "<tool_call>" && not isXml then
            ToolSyntax.Hermes
        elif isLlama then
            ToolSyntax.Llama
        else
            ToolSyntax.None

    static member Markers(syntax: ToolSyntax) =
        let markup = ToolMarkup.ofSyntax syntax

        [|
            ToolMarkup.reasoningOpening
            ToolMarkup.reasoningClosing
            markup.Opening
            markup.Closing
        |]
        |> Array.filter (fun marker -> marker.Length > 0)
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
