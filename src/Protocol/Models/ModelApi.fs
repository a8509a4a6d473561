namespace StreamCore.Protocol

open System.Buffers
open System.Text.Json

[<AbstractClass; Sealed>]
type ModelApi =
    static member private Card(json: Utf8JsonWriter, model: ModelCard) =
        json.WriteStartObject()
        json.WriteString("id", model.Id)
        json.WriteString("object", "model")
        json.WriteNumber("created", model.Created)
        json.WriteString("owned_by", model.OwnedBy)

        match model.Status with
        | null -> ()
        | status ->
            json.WriteStartObject "status"
            json.WriteString("value", status)
            json.WriteEndObject()

        json.WriteEndObject()

    static member EncodeList(output: IBufferWriter<byte>, models: ModelCard[]) =
        use json = JsonOut.writer output
        json.WriteStartObject()
        json.WriteString("object", "list")
        json.WriteStartArray "data"

        for model in models do
            ModelApi.Card(json, model)

        json.WriteEndArray()
        json.WriteEndObject()

    static member EncodeModel(output: IBufferWriter<byte>, model: ModelCard) =
        use json = JsonOut.writer output
        ModelApi.Card(json, model)
