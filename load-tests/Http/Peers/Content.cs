using StreamCore.Protocol;

namespace StreamCore.HttpBench.Peers;

/// <summary>What all peers tell their clients.</summary>
internal static class Content
{
    public static readonly ResponseStamp Stamp = new("chatcmpl-0123456789abcdef0123456789abcdef", 1_750_000_000, "qwen2.5-0.5b-instruct", "fp_0123456789");

    public static readonly ModelCard[] Models =
    [
        new("qwen2.5-0.5b-instruct", 1_750_000_000, "streamcore", null),
        new("org/a-model-with-a-longer-name", 1_750_000_001, "streamcore", null),
    ];
}
