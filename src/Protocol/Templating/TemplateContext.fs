namespace StreamCore.Protocol.Templating

open System
open System.Buffers
open System.Collections.Generic
open System.Diagnostics.CodeAnalysis
open System.Text.Json

/// JSON to template values: objects keep their order, the last of equal keys wins.
[<RequireQualifiedAccess>]
module internal JsonValue =
    let private text (read: unit -> string | null) : string =
        try
            match read () with
            | null -> ""
            | text -> text
        with :? InvalidOperationException ->
            Fault.raise "a JSON text holds half a character"

    /// Integers beyond 64 bits become floats.
    let private number (element: JsonElement) : Value =
        match element.TryGetInt64() with
        | true, n when element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 -> Value.Int n
        | _ ->
            match element.TryGetDouble() with
            | true, f -> Value.Float f
            | _ -> Fault.raise "a JSON number is out of range"

    let rec ofElement (element: JsonElement) : Value =
        match element.ValueKind with
        | JsonValueKind.Object ->
            let dict = ValueDict()

            for property in element.EnumerateObject() do
                dict.Set(text (fun () -> property.Name), ofElement property.Value)

            Value.Dict dict
        | JsonValueKind.Array -> Value.ofSeq (Seq.map ofElement (element.EnumerateArray()))
        | JsonValueKind.String -> Value.Str(text (fun () -> element.GetString()))
        | JsonValueKind.Number -> number element
        | JsonValueKind.True -> Value.True
        | JsonValueKind.False -> Value.False
        | _ -> Value.None

/// One message of a conversation, as a template sees it: `role`, `content`, then whatever fields were set.
[<Sealed>]
type TemplateMessage(role: string, content: string | null) =
    let fields = Dictionary<string, JsonElement>()
    let order = ResizeArray<string>()

    member _.Role = role
    /// When null, the template sees none.
    member _.Content = content

    /// When null, the message has no name.
    member val Name: string | null = null with get, set

    /// Sets a further field, or replaces `content` by parts. The element is copied.
    member _.SetJson(name: string, value: JsonElement) : unit =
        if not (fields.ContainsKey name) then
            order.Add name

        fields[name] <- value.Clone()

    member internal message.ToValue() : Value =
        let dict = ValueDict()
        dict.Set("role", Value.Str role)

        dict.Set(
            "content",
            match content with
            | null -> Value.None
            | text -> Value.Str text
        )

        match message.Name with
        | null -> ()
        | name -> dict.Set("name", Value.Str name)

        for name in order do
            dict.Set(name, JsonValue.ofElement fields[name])

        Value.Dict dict

/// The variables of one rendering. Filled by one thread; a rendering only reads it, so it may be rendered again.
[<Sealed>]
type TemplateContext() =
    let variables = Dictionary<string, unit -> Value>()

    /// The time `strftime_now` tells, in the zone it is to be told in. Without it the function is undefined.
    member val Now: Nullable<DateTimeOffset> = Nullable() with get, set

    member _.SetString(name: string, value: string) : unit =
        variables[name] <- fun () -> Value.Str value

    member _.SetBool(name: string, value: bool) : unit =
        variables[name] <- fun () -> Value.Bool value

    member _.SetInteger(name: string, value: int64) : unit =
        variables[name] <- fun () -> Value.Int value

    /// Defines the variable as none, which is not the same as leaving it undefined.
    member _.SetNull(name: string) : unit = variables[name] <- fun () -> Value.None

    /// The element is copied.
    member _.SetJson(name: string, value: JsonElement) : unit =
        let copy = value.Clone()
        variables[name] <- fun () -> JsonValue.ofElement copy

    /// Sets a variable from JSON bytes; false, with the reason, when they are not one JSON value.
    member context.TrySetJson
        (name: string, utf8: ReadOnlySequence<byte>, [<NotNullWhen false>] error: outref<string | null>)
        : bool =
        try
            use document = JsonDocument.Parse utf8
            context.SetJson(name, document.RootElement)
            error <- null
            true
        with :? JsonException as fault ->
            error <- fault.Message
            false

    member _.SetMessages(name: string, messages: TemplateMessage[]) : unit =
        variables[name] <- fun () -> Value.ofSeq (messages |> Seq.map _.ToValue())

    /// Values are made afresh for each rendering, since a template may change them.
    member internal _.ToScope() : Scope =
        let scope = Scope null

        for variable in variables do
            scope.Set(variable.Key, variable.Value())

        scope
