namespace StreamCore.Protocol

/// The one table of what each endpoint does with each parameter. Parsers refuse by it, the documents show it, and to
/// honour a parameter is to change its row and read it. Parameters that no row names are ignored, as OpenAI's SDKs need.
[<RequireQualifiedAccess>]
module internal SupportTable =
    let private row name shape level = {
        Name = name
        Shape = shape
        Level = level
    }

    let private honoured name =
        row name ParameterShape.Any SupportLevel.Honoured

    let private withoutEffect name shape =
        row name shape SupportLevel.WithoutEffect

    let private neutral name shape value =
        row name shape (SupportLevel.Neutral value)

    /// Read the same way by both endpoints that generate text.
    let private shared = [|
        honoured "model"
        honoured "temperature"
        honoured "top_p"
        honoured "top_k"
        honoured "min_p"
        honoured "seed"
        honoured "stop"
        honoured "max_tokens"
        honoured "stream"
        honoured "stream_options"
        withoutEffect "user" ParameterShape.Text
        honoured "n"
        honoured "presence_penalty"
        honoured "frequency_penalty"
        honoured "logit_bias"
    |]

    /// Not OpenAI's, but known from other servers: a client that sends one means it.
    let private extensions = [|
        honoured "repetition_penalty"
        honoured "repeat_penalty"
        honoured "typical_p"
        honoured "min_tokens"
        honoured "ignore_eos"
        honoured "stop_token_ids"
        honoured "skip_special_tokens"
        honoured "cache_salt"
        neutral "use_beam_search" ParameterShape.Boolean (NeutralValue.Flag false)
        neutral "truncate_prompt_tokens" ParameterShape.Integer NeutralValue.Nothing
        neutral "prompt_logprobs" ParameterShape.Any NeutralValue.Nothing
        neutral "grammar" ParameterShape.Text NeutralValue.EmptyText
        neutral "guided_json" ParameterShape.Any NeutralValue.Nothing
        neutral "guided_regex" ParameterShape.Any NeutralValue.Nothing
        neutral "guided_choice" ParameterShape.Any NeutralValue.Nothing
        neutral "guided_grammar" ParameterShape.Any NeutralValue.Nothing
        neutral "structured_outputs" ParameterShape.Any NeutralValue.Nothing
    |]

    /// `POST /v1/chat/completions`.
    let chat =
        Array.concat [
            [| honoured "messages"; honoured "max_completion_tokens" |]
            shared
            [|
                withoutEffect "metadata" ParameterShape.Object
                withoutEffect "safety_identifier" ParameterShape.Text
                withoutEffect "prompt_cache_key" ParameterShape.Text
                neutral "service_tier" ParameterShape.Text (NeutralValue.Word [| "auto"; "default" |])
                neutral "store" ParameterShape.Boolean (NeutralValue.Flag false)
                neutral "prompt_cache_retention" ParameterShape.Text (NeutralValue.Word [| "in_memory"; "in-memory" |])
                honoured "logprobs"
                honoured "top_logprobs"
                honoured "response_format"
                honoured "tools"
                honoured "tool_choice"
                honoured "parallel_tool_calls"
                honoured "functions"
                honoured "function_call"
                neutral "modalities" ParameterShape.Array (NeutralValue.OnlyWord "text")
                neutral "audio" ParameterShape.Object NeutralValue.Nothing
                neutral "prediction" ParameterShape.Object NeutralValue.Nothing
                neutral "web_search_options" ParameterShape.Object NeutralValue.Nothing
                honoured "reasoning_effort"
                neutral "verbosity" ParameterShape.Text (NeutralValue.Word [| "medium" |])
            |]
            extensions
            [|
                neutral "chat_template" ParameterShape.Text NeutralValue.Nothing
                honoured "chat_template_kwargs"
                honoured "add_generation_prompt"
                honoured "continue_final_message"
                honoured "thinking_token_budget"
                honoured "thinking_budget_tokens"
                honoured "thinking_budget"
                neutral "echo" ParameterShape.Boolean (NeutralValue.Flag false)
                neutral "best_of" ParameterShape.Integer (NeutralValue.Number 1m)
            |]
        ]

    /// `messages[]` of a chat request.
    let chatMessage = [|
        honoured "role"
        honoured "content"
        honoured "name"
        honoured "refusal"
        honoured "tool_calls"
        honoured "function_call"
        honoured "tool_call_id"
        honoured "reasoning_content"
        honoured "reasoning"
        neutral "audio" ParameterShape.Object NeutralValue.Nothing
    |]

    /// `stream_options` of both endpoints.
    let streamOptions = [|
        honoured "include_usage"
        neutral "include_obfuscation" ParameterShape.Boolean (NeutralValue.Flag false)
        neutral "continuous_usage_stats" ParameterShape.Boolean (NeutralValue.Flag false)
    |]

    /// `POST /v1/completions`.
    let completion =
        Array.concat [
            [| honoured "prompt" |]
            shared
            [|
                honoured "best_of"
                honoured "echo"
                honoured "logprobs"
                honoured "suffix"
            |]
            extensions
            [|
                neutral "thinking_token_budget" ParameterShape.Integer NeutralValue.Nothing
                neutral "thinking_budget_tokens" ParameterShape.Integer NeutralValue.Nothing
                neutral "thinking_budget" ParameterShape.Integer NeutralValue.Nothing
            |]
        ]
