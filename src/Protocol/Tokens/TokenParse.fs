namespace StreamCore.Protocol

open System
open System.Text.Json

/// The helper routes around tokens, in the names of llama.cpp's server and vLLM's.
[<RequireQualifiedAccess>]
module internal TokenParse =
    let private model request =
        JsonCursor.textOrNull "model" JsonCursor.text request

    /// llama.cpp's `content` comes without special tokens unless they are asked for, vLLM's `prompt` with them.
    let private text request =
        result {
            let! content = JsonCursor.textOrNull "content" JsonCursor.text request
            let! prompt = JsonCursor.textOrNull "prompt" JsonCursor.text request

            return!
                match content with
                | null ->
                    match prompt with
                    | null -> JsonFault.at "content" JsonReason.Missing
                    | text -> Ok(struct (text, true))
                | text -> Ok(struct (text, false))
        }

    let tokenize (request: JsonElement) =
        result {
            let! model = model request
            let! struct (text, special) = text request

            let! special =
                JsonCursor.field "add_special_tokens" JsonCursor.boolean special request

            let! special = JsonCursor.field "add_special" JsonCursor.boolean special request
            let! pieces = JsonCursor.field "with_pieces" JsonCursor.boolean false request

            return {
                TokenizeRequest.Model = model
                Text = text
                AddsSpecial = special
                WithPieces = pieces
            }
        }

    let private token value =
        JsonCursor.smallInteger 0 Int32.MaxValue value

    let detokenize (request: JsonElement) =
        result {
            let! model = model request

            let! tokens =
                JsonCursor.required "tokens" (JsonCursor.array "an array of tokens" Int32.MaxValue token) request

            return {
                DetokenizeRequest.Model = model
                Tokens = tokens
            }
        }

    /// A chat request that need not name its model; then its name is empty.
    let template limits (request: JsonElement) =
        let model request =
            JsonCursor.field "model" JsonCursor.text "" request

        ChatParse.requestOf model limits request
