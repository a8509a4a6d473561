namespace StreamCore.Engines.Import.Gguf;

/// <summary>What a token is, under the numbers of tokenizer.ggml.token_type.</summary>
internal enum GgufTokenKind
{
    Normal = 1,
    Unknown = 2,

    /// <summary>A special token: it stands for no text.</summary>
    Control = 3,

    /// <summary>Found in the text whole, and stands for it.</summary>
    UserDefined = 4,

    /// <summary>An id that the model has and the tokenizer does not.</summary>
    Unused = 5,

    /// <summary>One byte, spelled <c>&lt;0xNN&gt;</c>.</summary>
    Byte = 6,
}
