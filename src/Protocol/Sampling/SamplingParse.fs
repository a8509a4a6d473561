namespace StreamCore.Protocol

open System
open System.Text.Json

/// The sampling parameters, which chat and text completions share.
[<RequireQualifiedAccess>]
module internal SamplingParse =
    [<Literal>]
    let private MaxStopTokenCount = 1024

    /// The smallest sum above none: `top_p: 0` keeps the most probable token, as OpenAI does.
    let private positive (value: float) = max (float32 value) Single.Epsilon

    /// -1 is how several servers and clients write "off".
    let private topK value =
        JsonCursor.smallInteger -1 Int32.MaxValue value |> Result.map (max 0)

    let private stopTokens value =
        JsonCursor.array "an array of tokens" MaxStopTokenCount (JsonCursor.smallInteger 0 Int32.MaxValue) value

    let private ends request =
        result {
            let! stopTokens = JsonCursor.field "stop_token_ids" stopTokens [||] request

            let! minTokens =
                JsonCursor.field "min_tokens" (JsonCursor.smallInteger 0 Int32.MaxValue) 0 request

            let! ignoreEos = JsonCursor.field "ignore_eos" JsonCursor.boolean false request

            return {
                StopTokens = stopTokens
                MinTokens = minTokens
                IgnoreEos = ignoreEos
            }
        }

    let settings (request: JsonElement) =
        result {
            let! temperature =
                JsonCursor.field "temperature" (JsonCursor.decimal 0.0 2.0) 1.0 request

            let! topP = JsonCursor.field "top_p" (JsonCursor.decimal 0.0 1.0) 1.0 request
            let! topK = JsonCursor.field "top_k" topK 0 request
            let! minP = JsonCursor.field "min_p" (JsonCursor.decimal 0.0 1.0) 0.0 request

            let! seed =
                JsonCursor.nullable "seed" (JsonCursor.integer Int64.MinValue Int64.MaxValue) request

            let! typicalP = JsonCursor.field "typical_p" (JsonCursor.decimal 0.0 1.0) 1.0 request
            let! penalties = PenaltyParse.penalties request
            let! bias = PenaltyParse.logitBias request
            let! ends = ends request

            let! skipsSpecial =
                JsonCursor.field "skip_special_tokens" JsonCursor.boolean true request

            return {
                Temperature = float32 temperature
                TopP = positive topP
                TopK = topK
                MinP = float32 minP
                Seed = seed
                TypicalP = positive typicalP
                Penalties = penalties
                Bias = bias
                Ends = ends
                ShowsSpecialTokens = not skipsSpecial
            }
        }
