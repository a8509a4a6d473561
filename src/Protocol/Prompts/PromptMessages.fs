namespace StreamCore.Protocol

open System
open System.Buffers
open System.Collections.Generic
open System.Text.Json
open StreamCore.Protocol.Templating

/// Messages as chat templates expect them (Hugging Face, "Writing a chat template" and "Tool use").
[<RequireQualifiedAccess>]
module internal PromptMessages =
    [<Literal>]
    let private MistralIdLength = 9

    let private isMistral syntax =
        syntax = ToolSyntax.Mistral || syntax = ToolSyntax.MistralV11

    /// Mistral's templates take ids of nine letters and digits only. The last nine of ours are as random as the whole.
    let private callId syntax (id: string) =
        if not (isMistral syntax) then
            id
        else
            let letters = id |> String.filter Char.IsAsciiLetterOrDigit
            let last = letters.Substring(max 0 (letters.Length - MistralIdLength))
            last.PadLeft(MistralIdLength, '0')

    /// The arguments as an object, where they are one, or as the text they are.
    let private writeArguments (json: Utf8JsonWriter) asText (arguments: string) =
        let text =
            if String.IsNullOrWhiteSpace arguments then
                "{}"
            else
                arguments

        try
            use document = JsonDocument.Parse text

            if asText || document.RootElement.ValueKind <> JsonValueKind.Object then
                json.WriteStringValue text
            else
                document.RootElement.WriteTo json
        with :? JsonException ->
            json.WriteStringValue text

    let private writeCall (json: Utf8JsonWriter) syntax asText (call: ToolCall) =
        json.WriteStartObject()

        if call.Id <> "" || isMistral syntax then
            json.WriteString("id", callId syntax call.Id)

        json.WriteString("type", "function")
        json.WriteStartObject "function"
        json.WriteString("name", call.Name)
        json.WritePropertyName "arguments"
        writeArguments json asText call.Arguments
        json.WriteEndObject()
        json.WriteEndObject()

    let private calls syntax asText (calls: ToolCall[]) =
        let output = ArrayBufferWriter<byte>()
        let json = JsonOut.writer output
        json.WriteStartArray()

        for call in calls do
            writeCall json syntax asText call

        json.WriteEndArray()
        json.Dispose()
        output.WrittenMemory

    let private set (message: TemplateMessage) name (json: ReadOnlyMemory<byte>) =
        use document = JsonDocument.Parse json
        message.SetJson(name, document.RootElement)

    let private setText (message: TemplateMessage) name (text: string) =
        set message name (ReadOnlyMemory(JsonSerializer.SerializeToUtf8Bytes text))

    /// Templates know `tool` alone of the two roles of results, and `developer` only where they name it.
    let private role (template: ChatTemplate) (message: ChatMessage) =
        match message.Role with
        | ChatRole.Function -> "tool"
        | ChatRole.Developer when not (template.Contains "developer") -> "system"
        | _ -> message.RoleName

    let private ofMessage model asText (names: Dictionary<string, string>) (message: ChatMessage) =
        let it =
            TemplateMessage(role model.Template message, message.Content, Name = message.Name)

        match message.Reasoning with
        | null -> ()
        | text -> setText it "reasoning_content" text

        if message.ToolCalls.Length > 0 then
            set it "tool_calls" (calls model.ToolSyntax asText message.ToolCalls)

            for call in message.ToolCalls do
                names[call.Id] <- call.Name

        match message.ToolCallId with
        | null -> ()
        | id ->
            setText it "tool_call_id" (callId model.ToolSyntax id)
            it.Name <- names[id]

        if message.Role = ChatRole.Function && isMistral model.ToolSyntax then
            setText it "tool_call_id" (callId model.ToolSyntax "")

        it

    /// The results of tools get the names of their tools, for templates that tell results by name.
    let all model asText (messages: ChatMessage[]) =
        let names = Dictionary<string, string>()
        messages |> Array.map (ofMessage model asText names)
