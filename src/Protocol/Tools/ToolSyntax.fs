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
