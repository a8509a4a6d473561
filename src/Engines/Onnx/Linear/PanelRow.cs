using StreamCore.Engines.Models;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>One output's weights, read out of its panel: a row of an embedding.</summary>
internal static unsafe class PanelRow
{
    /// <summary>Writes the weights of output <paramref name="row"/> as floats, one for each input.</summary>
    public static void Read(in LinearWeights table, int row, float* target)
    {
        var blockBytes = PanelLayout.BlockBytes(table.Bits);
        var block = table.Panel(row / PanelLayout.Outputs);
        var output = row % PanelLayout.Outputs;
        for (var first = 0; first < table.Inputs; first += PanelLayout.BlockInputs, block += blockBytes)
        {
            var scale = (float)((Half*)(block + blockBytes - PanelLayout.ScaleBytes))[output];
            for (var input = 0; input < Math.Min(PanelLayout.BlockInputs, table.Inputs - first); input++)
                target[first + input] = Code(block, output, input, table.Bits) * scale;
        }
    }

    private static int Code(byte* block, int output, int input, int bits)
    {
        var (at, half) = PanelLayout.Place(output, input);
        var high = (block[at] >> (4 * half) & 15) - 8;
        return bits == 4 ? high : high * 16 + (block[PanelLayout.PlaneBytes + at] >> (4 * half) & 15);
    }
}
