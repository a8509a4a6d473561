namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>An operator and the domain it lives in.</summary>
internal readonly record struct OnnxOp(string Name, string Domain)
{
    private const string Microsoft = "com.microsoft";
    private const string Own = "streamcore";

    /// <summary>Versions of the operator sets the graphs are written in.</summary>
    public static ReadOnlySpan<(string Domain, long Version)> Opsets => new[] { ("", 17L), (Microsoft, 1L), (Own, 1L) };

    public static OnnxOp Standard(string name) => new(name, "");

    public static OnnxOp Contributed(string name) => new(name, Microsoft);

    /// <summary>Rotary embedding, the paged cache and attention over it: inputs (qkv, batch), attribute layer.</summary>
    public static OnnxOp RaggedAttention => new("RaggedAttention", Own);

    /// <summary>A linear layer over panels of the data file: inputs (x, batch).</summary>
    public static OnnxOp PanelLinear => new("PanelLinear", Own);

    /// <summary>Rows of such panels: inputs (ids, batch).</summary>
    public static OnnxOp PanelEmbedding => new("PanelEmbedding", Own);
}
