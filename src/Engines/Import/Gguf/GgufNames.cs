using System.Globalization;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>What tensors are called in GGUF files.</summary>
internal static class GgufNames
{
    /// <summary>Factors on the wavelengths of rotary embedding; a tensor, since there is one for each pair of dimensions.</summary>
    public const string RopeFactors = "rope_freqs.weight";

    private const string LayerPrefix = "model.layers.";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["post_attention_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
    };

    /// <summary>The name in a GGUF file of the tensor that Hugging Face calls <paramref name="name"/>.</summary>
    public static string Of(string name)
    {
        var end = name.LastIndexOf('.');
        var (module, kind) = (name[..end], name[end..]);
        if (!module.StartsWith(LayerPrefix, StringComparison.Ordinal)) return Names[module] + kind;
        var inner = module.IndexOf('.', LayerPrefix.Length);
        var layer = int.Parse(module.AsSpan(LayerPrefix.Length..inner), NumberStyles.None, CultureInfo.InvariantCulture);
        return $"blk.{layer}.{Names[module[(inner + 1)..]]}{kind}";
    }

    /// <summary>Whether the tensor of that name in Hugging Face's spelling has rows that rotary embedding turns.</summary>
    public static bool IsRotated(string name) => name.Contains(".q_proj.", StringComparison.Ordinal) || name.Contains(".k_proj.", StringComparison.Ordinal);
}
