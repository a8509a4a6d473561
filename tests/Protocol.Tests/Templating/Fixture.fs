/// Fixtures, and the shortest way from a template and variables to a text or an error.
[<RequireQualifiedAccess>]
module StreamCore.Protocol.Tests.Templating.Fixture

open System
open System.IO
open System.Reflection
open System.Text.Json
open StreamCore.Protocol.Templating

/// The time the fixtures were rendered at.
let now = DateTimeOffset(2025, 3, 7, 9, 5, 4, 123, 456, TimeSpan.Zero)

let private notNull (value: 'a | null) : 'a =
    match value with
    | null -> failwith "missing"
    | value -> value

let read (name: string) : string =
    use stream =
        notNull (Assembly.GetExecutingAssembly().GetManifestResourceStream("Templating/" + name))

    use reader = new StreamReader(stream)
    reader.ReadToEnd()

let json (text: string) : JsonElement =
    use document = JsonDocument.Parse text
    document.RootElement.Clone()

let compile (source: string) : Result<ChatTemplate, string> =
    match ChatTemplate.TryCompile source with
    | true, template, _ -> Ok(notNull template)
    | false, _, error -> Error(notNull error)

let context (variables: JsonElement) : TemplateContext =
    let context = TemplateContext(Now = now)

    for variable in variables.EnumerateObject() do
        context.SetJson(variable.Name, variable.Value)

    context

let renderWith (context: TemplateContext) (source: string) : Result<string, string> =
    match compile source with
    | Error error -> Error error
    | Ok template ->
        match template.TryRender context with
        | true, text, _ -> Ok(notNull text)
        | false, _, error -> Error(notNull error)

/// Renders with variables written as a JSON object.
let render (variables: string) (source: string) : Result<string, string> =
    renderWith (context (json variables)) source

/// Renders without variables and with little to spend.
let renderWithin (maxWork: int64) (maxLength: int) (source: string) : Result<string, string> =
    match compile source with
    | Error error -> Error error
    | Ok template ->
        match template.TryRenderWithin(TemplateContext(), maxWork, maxLength) with
        | true, text, _ -> Ok(notNull text)
        | false, _, error -> Error(notNull error)
