namespace StreamCore.Protocol

open System.Text.Json

[<RequireQualifiedAccess>]
module internal CompletionParse =
    /// OpenAI's.
    [<Literal>]
    let private DefaultMaxTokens = 16

    /// With `echo` the prompt alone may be asked for.
    let private maxTokens limits echo value =
        if echo then
            JsonCursor.smallInteger 0 limits.MaxCompletionTokens value
        else
            GenerationParse.maxTokens limits value

    let request limits (value: JsonElement) =
        result {
            let! model = GenerationParse.model value

            let! prompts =
                JsonCursor.required "prompt" (CompletionPromptParse.prompts limits) value

            let! sampling = SamplingParse.settings value

            let! stop = GenerationParse.stop limits value
            let! delivery = GenerationParse.delivery value

            let! choices =
                CompletionChoicesParse.choices limits prompts.Length delivery.Stream value

            let! maxTokens =
                JsonCursor.field "max_tokens" (maxTokens limits choices.Echo) DefaultMaxTokens value

            let! () = SupportCheck.parameters SupportTable.completion value
            let! user = JsonCursor.textOrNull "user" JsonCursor.text value
            let! cacheSalt = GenerationParse.cacheSalt value

            return {
                Model = model
                Prompts = prompts
                Sampling = sampling
                MaxTokens = maxTokens
                Stop = stop
                N = choices.N
                BestOf = choices.BestOf
                TopLogprobs = choices.TopLogprobs
                Echo = choices.Echo
                Suffix = choices.Suffix
                Stream = delivery.Stream
                IncludeUsage = delivery.IncludeUsage
                User = user
                CacheSalt = cacheSalt
            }
        }
