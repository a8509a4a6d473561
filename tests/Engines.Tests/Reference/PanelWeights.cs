namespace StreamCore.Engines.Tests.Reference;

/// <summary>
/// A weight matrix in panels, as the description of the layout has it: panels of 16 outputs, each a row of blocks of 32 inputs; a block's planes
/// of half bytes, then its 16 scales.
/// </summary>
internal sealed class PanelWeights(byte[] bytes, int outputs, int inputs, int bits)
{
    public PanelWeights(int outputs, int inputs, int bits)
        : this(new byte[(outputs + 15) / 16 * ((inputs + 31) / 32) * BlockBytes(bits)], outputs, inputs, bits)
    {
    }

    public byte[] Bytes => bytes;

    public int Outputs => outputs;

    public int Inputs => inputs;

    public int Bits => bits;

    public int Code(int output, int input)
    {
        var (at, shift) = Place(output, input);
        var high = (bytes[at] >> shift & 15) - 8;
        return bits == 4 ? high : high * 16 + (bytes[at + 256] >> shift & 15);
    }

    /// <summary>Puts a code where there was none yet.</summary>
    public void SetCode(int output, int input, int code)
    {
        var (at, shift) = Place(output, input);
        var stored = bits == 4 ? code + 8 : code + 128;
        bytes[at] |= (byte)((bits == 4 ? stored : stored / 16) << shift);
        if (bits == 8) bytes[at + 256] |= (byte)(stored % 16 << shift);
    }

    public Half Scale(int output, int input) => BitConverter.ToHalf(bytes, ScaleAt(output, input));

    public void SetScale(int output, int input, Half scale) => BitConverter.GetBytes(scale).CopyTo(bytes, ScaleAt(output, input));

    /// <summary>Row-major [outputs, inputs].</summary>
    public double[] ToRows() =>
        [.. Enumerable.Range(0, outputs * inputs).Select(i => Code(i / inputs, i % inputs) * (double)Scale(i / inputs, i % inputs))];

    private (int At, int Shift) Place(int output, int input)
    {
        var i = input % 32;
        return (Block(output, input) + i % 16 / 4 * 64 + output % 16 * 4 + i % 4, i / 16 * 4);
    }

    private int ScaleAt(int output, int input) => Block(output, input) + 64 * bits + output % 16 * 2;

    private int Block(int output, int input) => (output / 16 * ((inputs + 31) / 32) + input / 32) * BlockBytes(bits);

    private static int BlockBytes(int bits) => 64 * bits + 32;
}
