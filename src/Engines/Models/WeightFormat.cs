namespace StreamCore.Engines.Models;

/// <summary>How an imported model keeps its weights: chosen at import, never switched while serving.</summary>
public enum WeightFormat
{
    /// <summary>4-bit weights with a scale for each 32 (Q4_0's form), 8-bit embedding and head.</summary>
    Int4Block32,

    /// <summary>The same with an embedding and a head of 4 bits too: the smallest.</summary>
    Int4Whole,

    /// <summary>8-bit weights, embedding and head included, with a scale for each 32 (Q8_0's form).</summary>
    Int8Block32,

    /// <summary>4-bit weights with a scale for each 128, 8-bit embedding and head: the fastest for few clients.</summary>
    Int4Block128,

    /// <summary>8-bit weights with a scale for each output, 8-bit activations with a scale for each token: the fastest for many clients
    /// on a processor with VNNI.</summary>
    Int8,

    /// <summary>Weights as they are: for reference.</summary>
    Float32,
}
