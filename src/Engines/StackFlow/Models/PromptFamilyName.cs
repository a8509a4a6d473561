namespace StreamCore.Engines.StackFlow.Models;

/// <summary>The families whose templates are known.</summary>
public enum PromptFamilyName
{
    /// <summary>By the model's name.</summary>
    Auto = 0,

    /// <summary>Qwen, InternVL.</summary>
    ChatML,

    /// <summary>SmolVLM.</summary>
    SmolVlm,

    /// <summary>Llama 3.</summary>
    Llama3,

    /// <summary>DeepSeek-R1 and its distillates.</summary>
    DeepSeek,

    /// <summary>No markers: earlier turns are told in words.</summary>
    Plain,
}
