namespace StreamCore.Protocol

/// How a model writes its calls of tools. An enumeration, so that C# may branch on it.
type ToolSyntax =
    /// It writes none, or in a way that is not known.
    | None = 0
    /// `<tool_call>{"name":…,"arguments":…}</tool_call>`, as Hermes and Qwen do.
    | Hermes = 1
    /// `{"name":…,"parameters":…}` in place of an answer, or after `<|python_tag|>`; several with `;` between. As Llama 3 does.
    | Llama = 2
    /// `[TOOL_CALLS][{"name":…,"arguments":…},…]`, as Mistral does.
    | Mistral = 3
    /// An object of that kind, or an array of them, in place of an answer.
    | Json = 4
    /// `<tool_call><function=…><parameter=…>…</parameter></function></tool_call>`, as Qwen3-Coder does.
    | Qwen3Coder = 5
    /// `<tool_call>…<arg_key>…</arg_key><arg_value>…</arg_value></tool_call>`, as GLM does.
    | Glm = 6
    /// `[TOOL_CALLS]…[ARGS]{…}`, as Mistral does from its eleventh tokenizer on.
    | MistralV11 = 7
    /// `function<｜tool▁sep｜>…` and fenced arguments, between markers of a call and of all calls, as DeepSeek V3 and R1 do.
    | DeepSeek = 8
    /// `…<｜tool▁sep｜>{…}` between the same markers, as DeepSeek V3.1 does.
    | DeepSeekV31 = 9
    /// `<|tool_call|>[{"name":…,"arguments":…},…]`, as Granite 3 does.
    | Granite = 10
    /// The same, and `<|/tool_call|>` after it, as Phi-4-mini does.
    | Phi4 = 11
    /// `<|START_ACTION|>[{"tool_name":…,"parameters":…},…]<|END_ACTION|>`, as Command R7B does.
    | CommandR7B = 12
