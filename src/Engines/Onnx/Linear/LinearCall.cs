namespace StreamCore.Engines.Onnx.Linear;

/// <summary>One run of a linear layer: output [Rows][Outputs] = input [Rows][Inputs] · weightsᵀ + bias; with a gate of the same shape, whose
/// result is g, times SiLU(g) = g / (1 + e⁻ᵍ).</summary>
internal unsafe struct LinearCall
{
    public float* Input;
    public float* Output;
    public int Rows;
    public LinearWeights Weights;

    /// <summary>Without panels where the layer has no gate.</summary>
    public LinearWeights Gate;
}
