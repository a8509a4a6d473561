using StreamCore.Engines.Import.Safetensors;

namespace StreamCore.Engines.Tests.Reference;

/// <summary>The weights of a Hugging Face folder.</summary>
internal sealed class SourceWeights(string folder) : IReferenceWeights, IDisposable
{
    private readonly SafetensorsFolder _weights = SafetensorsFolder.Open(folder);

    public double[]? Find(string name)
    {
        var dot = name.LastIndexOf('.');
        var (layer, kind) = (name[..dot], name[dot..]);
        string[] parts = layer switch
        {
            "embedding" => ["model.embed_tokens"],
            "norm" => ["model.norm"],
            "logits" => _weights.Tensors.ContainsKey("lm_head.weight") ? ["lm_head"] : ["model.embed_tokens"],
            _ => LayerParts(layer["layers.".Length..].Split('.')),
        };
        var tensors = parts.Select(part => _weights.Tensors.GetValueOrDefault(part + kind)).ToArray();
        return tensors[0] is null ? null : [.. tensors.SelectMany(tensor => Read(tensor!))];
    }

    public void Dispose() => _weights.Dispose();

    private static string[] LayerParts(string[] name)
    {
        var layer = $"model.layers.{name[0]}.";
        return name[1] switch
        {
            "attention_norm" => [layer + "input_layernorm"],
            "qkv" => [layer + "self_attn.q_proj", layer + "self_attn.k_proj", layer + "self_attn.v_proj"],
            "attention_output" => [layer + "self_attn.o_proj"],
            "mlp_norm" => [layer + "post_attention_layernorm"],
            var other => [layer + $"mlp.{other}_proj"],
        };
    }

    private static double[] Read(SafetensorsTensor tensor)
    {
        var values = new float[tensor.ElementCount];
        tensor.Read(0, values);
        return Array.ConvertAll(values, value => (double)value);
    }
}
