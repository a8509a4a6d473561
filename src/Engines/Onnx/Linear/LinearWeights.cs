namespace StreamCore.Engines.Onnx.Linear;

/// <summary>The weights of a linear layer as <see cref="Models.PanelLayout"/> has them.</summary>
/// <param name="Panels">The first panel.</param>
/// <param name="Bias">One number for each output, or null.</param>
/// <param name="Inputs">Inputs of the layer; the last block may hold more.</param>
/// <param name="Outputs">Outputs of the layer; the last panel may hold more.</param>
/// <param name="Bits">4 or 8.</param>
internal readonly unsafe record struct LinearWeights(nint Panels, nint Bias, int Inputs, int Outputs, int Bits)
{
    public byte* Panel(int panel) => (byte*)Panels + panel * PanelBytes;

    public long PanelBytes => (long)Models.PanelLayout.Blocks(Inputs) * Models.PanelLayout.BlockBytes(Bits);

    public int PanelCount => Models.PanelLayout.Panels(Outputs);
}
