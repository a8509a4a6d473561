namespace StreamCore.Protocol.Templating

open System.Diagnostics.CodeAnalysis

/// A model's chat template, compiled once. Immutable, and safe to render from many threads at once.
[<Sealed>]
type ChatTemplate =
    /// Compiles Jinja2 source. On failure the error names the line.
    static member TryCompile:
        source: string *
        [<NotNullWhen true>] template: outref<ChatTemplate | null> *
        [<NotNullWhen false>] error: outref<string | null> ->
            bool

    /// Renders a conversation. On failure the error is what the template raised, word for word, or what went wrong and on
    /// which line.
    member TryRender:
        context: TemplateContext *
        [<NotNullWhen true>] text: outref<string | null> *
        [<NotNullWhen false>] error: outref<string | null> ->
            bool

    /// Whether the template reads a variable of this name, such as `tools`.
    member Mentions: name: string -> bool

    /// Whether this text is somewhere in the template's source, such as the name of a role.
    member Contains: text: string -> bool

    /// Renders with a smaller allowance of work and of text, in characters.
    member internal TryRenderWithin:
        context: TemplateContext *
        maxWork: int64 *
        maxLength: int *
        text: outref<string | null> *
        error: outref<string | null> ->
            bool
