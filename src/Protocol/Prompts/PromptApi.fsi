namespace StreamCore.Protocol

open System
open System.Diagnostics.CodeAnalysis
open StreamCore.Protocol.Templating

/// From a chat request to the text of its prompt, by the model's own chat template.
[<AbstractClass; Sealed>]
type PromptApi =
    /// How a model writes calls of tools, told from what its chat template says of them; none where it says nothing known.
    static member DetectToolSyntax: template: ChatTemplate -> ToolSyntax

    /// The markers of a syntax and of reasoning. Where the tokenizer has special tokens for them, which add no text, they must be
    /// shown all the same.
    static member Markers: syntax: ToolSyntax -> string[]

    /// Renders the conversation. False where the template refuses it, in its own words, or where the request asks for what the
    /// template does not know. `now` is the time that the template may tell.
    static member TryRender:
        model: PromptModel *
        request: ChatRequest *
        now: DateTimeOffset *
        [<NotNullWhen true>] prompt: outref<ChatPrompt | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool
