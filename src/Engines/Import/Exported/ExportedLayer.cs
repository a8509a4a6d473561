namespace StreamCore.Engines.Import.Exported;

/// <summary>A decoder layer found in a graph.</summary>
internal sealed record ExportedLayer(
    FloatMatrix AttentionNorm, ExportedAttention Attention, ExportedLinear Output, FloatMatrix MlpNorm, ExportedLinear Gate, ExportedLinear Up, ExportedLinear Down)
{
    /// <summary>Its matrices under Hugging Face's names, query, key and value apart.</summary>
    /// <param name="queries">Outputs of the query projection.</param>
    /// <param name="keys">Of the key and of the value projection.</param>
    public IEnumerable<(string Name, ExportedLinear Linear)> Linears(long queries, long keys)
    {
        var (query, key, value) = (Attention.Query, Attention.Key, Attention.Value);
        if (key is null || value is null)
            (query, key, value) = (query.Rows(0, queries), query.Rows(queries, keys), query.Rows(queries + keys, keys));
        yield return ("self_attn.q_proj", query);
        yield return ("self_attn.k_proj", key);
        yield return ("self_attn.v_proj", value);
        yield return ("self_attn.o_proj", Output);
        yield return ("mlp.gate_proj", Gate);
        yield return ("mlp.up_proj", Up);
        yield return ("mlp.down_proj", Down);
    }
}
