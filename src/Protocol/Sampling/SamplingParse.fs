namespace StreamCore.Protocol

open System
open System.Text.Json

/// The sampling parameters, which chat and text completions share.
[<RequireQualifiedAccess>]
module internal SamplingParse =
    /// The smallest sum above none: `top_p: 0` keeps the most probable token, as OpenAI does.
    let private positive (value: float) = max (float32 value) Single.Epsilon

    /// -1 is how several servers and clients write "off".
    let private topK value =
        JsonCursor.smallInteger -1 Int32.MaxValue value |> Result.map (max 0)

    let settings (request: JsonElement) =
        result {
            let! temperature =
                JsonCursor.field "temperature" (JsonCursor.decimal 0.0 2.0) 1.0 request

            let! topP = JsonCursor.field "top_p" (JsonCursor.decimal 0.0 1.0) 1.0 request
            let! topK = JsonCursor.field "top_k" topK 0 request
            let! minP = JsonCursor.field "min_p" (JsonCursor.decimal 0.0 1.0) 0.0 request

            let! seed =
                JsonCursor.nullable "seed" (JsonCursor.integer Int64.MinValue Int64.MaxValue) request

            return {
                Temperature = float32 temperature
                TopP = positive topP
                TopK = topK
                MinP = float32 minP
                Seed = seed
            }
        }
