namespace StreamCore.Engines.Onnx.Linear;

/// <summary>One run of a linear layer: output [Rows][Outputs] = input [Rows][Inputs] · weightsᵀ + bias.</summary>
internal unsafe struct LinearCall
{
    public float* Input;
    public float* Output;
    public int Rows;
    public LinearWeights Weights;
}
