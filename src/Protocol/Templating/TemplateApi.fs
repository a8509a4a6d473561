namespace StreamCore.Protocol.Templating

open System
open System.Diagnostics.CodeAnalysis

[<Sealed>]
type ChatTemplate private (source: string, template: Template) =
    /// Longer than any template seen by two orders of magnitude.
    static let maxSourceLength = 1_048_576

    /// About a second of work; a conversation of a thousand messages takes a sixtieth of it.
    static let maxWork = 134_217_728L

    static let maxLength = int Operators.maxLength

    static let atLine (line: int) (message: string) =
        String.Concat("line ", line.ToString Globalization.CultureInfo.InvariantCulture, ": " + message)

    /// The one place where a fault becomes a value.
    static let guarded (line: unit -> int) (run: unit -> 'a) : Result<'a, string> =
        try
            Ok(run ())
        with
        | :? TemplateFault as fault when fault.FromTemplate -> Error fault.Message
        | :? TemplateFault as fault -> Error(atLine (line ()) fault.Message)
        | :? OverflowException -> Error(atLine (line ()) "a number is out of range")

    static let lex (source: string) =
        let state = Lexer.start source

        guarded (fun () -> state.Line) (fun () ->
            if source.Length > maxSourceLength then
                Fault.raise "the template is too long"

            Lexer.run state
            TokenStream state.Tokens)

    static let parse (stream: TokenStream) =
        guarded (fun () -> stream.Line) (fun () -> Parse.template stream)

    static member TryCompile
        (
            source: string,
            [<NotNullWhen true>] template: outref<ChatTemplate | null>,
            [<NotNullWhen false>] error: outref<string | null>
        ) : bool =
        match Result.bind parse (lex source) with
        | Ok parsed ->
            template <- ChatTemplate(source, parsed)
            error <- null
            true
        | Error message ->
            template <- null
            error <- message
            false

    member internal _.TryRenderWithin
        (
            context: TemplateContext,
            maxWork: int64,
            maxLength: int,
            text: outref<string | null>,
            error: outref<string | null>
        ) : bool =
        let rendering = Rendering(Work maxWork, context.Now, maxLength)

        let rendered =
            guarded (fun () -> rendering.Line) (fun () -> Render.template rendering (context.ToScope()) template)

        match rendered with
        | Ok result ->
            text <- result
            error <- null
            true
        | Error message ->
            text <- null
            error <- message
            false

    member this.TryRender
        (
            context: TemplateContext,
            [<NotNullWhen true>] text: outref<string | null>,
            [<NotNullWhen false>] error: outref<string | null>
        ) : bool =
        this.TryRenderWithin(context, maxWork, maxLength, &text, &error)

    member _.Mentions(name: string) : bool = template.Mentions.Contains name

    member _.Contains(text: string) : bool =
        source.Contains(text, StringComparison.Ordinal)
