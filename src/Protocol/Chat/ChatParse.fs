namespace StreamCore.Protocol

open System
open System.Text.Json
open StreamCore.Protocol.Grammar

[<RequireQualifiedAccess>]
module internal ChatParse =
    let private bothLimits =
        JsonReason.Other(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "invalid_parameter_combination"
        )

    /// `max_tokens` is the older name. Two names for one limit may not contradict each other.
    let private maxTokens limits request : Result<Nullable<int>, JsonFault> =
        result {
            let! older =
                JsonCursor.nullable "max_tokens" (GenerationParse.maxTokens limits) request

            let! newer =
                JsonCursor.nullable "max_completion_tokens" (GenerationParse.maxTokens limits) request

            return!
                if older.HasValue && newer.HasValue && older.Value <> newer.Value then
                    JsonFault.at "max_tokens" bothLimits
                else
                    Ok(if newer.HasValue then newer else older)
        }

    let private topAlone =
        JsonReason.Other("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", null)

    let private topLogprobs request : Result<Nullable<int>, JsonFault> =
        result {
            let! wanted = JsonCursor.field "logprobs" JsonCursor.boolean false request
            let! top = JsonCursor.field "top_logprobs" (JsonCursor.smallInteger 0 20) 0 request

            return!
                if wanted then Ok(Nullable top)
                elif top > 0 then JsonFault.at "top_logprobs" topAlone
                else Ok(Nullable())
        }

    let private messages limits request =
        let read =
            JsonCursor.filledArray "an array of objects" limits.MaxMessageCount (ChatMessageParse.message limits)

        JsonCursor.required "messages" read request

    let requestOf model limits (value: JsonElement) =
        result {
            let! model = model value
            let! messages = messages limits value
            let! () = ChatToolParse.check messages
            let! toolUse = ToolChoiceParse.toolUse limits value
            let! format = ResponseFormatParse.orText value
            let! prompt = PromptParse.settings limits messages value
            let! sampling = SamplingParse.settings value
            let! maxTokens = maxTokens limits value
            let! stop = GenerationParse.stop limits value
            let! n = GenerationParse.choiceCount limits value
            let! topLogprobs = topLogprobs value
            let! delivery = GenerationParse.delivery value
            let! () = SupportCheck.parameters SupportTable.chat value
            let! user = JsonCursor.textOrNull "user" JsonCursor.text value
            let! cacheSalt = GenerationParse.cacheSalt value

            return {
                Model = model
                Messages = messages
                ToolUse = toolUse
                Format = format
                Prompt = prompt
                Sampling = sampling
                MaxTokens = maxTokens
                Stop = stop
                N = n
                TopLogprobs = topLogprobs
                Stream = delivery.Stream
                IncludeUsage = delivery.IncludeUsage
                User = user
                CacheSalt = cacheSalt
            }
        }

    let request limits value =
        requestOf GenerationParse.model limits value
