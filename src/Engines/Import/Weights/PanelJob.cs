using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights of 4 or 8 bits in the panels of <see cref="PanelLayout"/>, from <paramref name="offset"/> on.</summary>
internal sealed class PanelJob(WeightRows source, int bits, long offset) : WeightJob(source)
{
    private readonly int _blockBytes = PanelLayout.BlockBytes(bits);
    private readonly int _panelBytes = source.Columns / PanelLayout.BlockInputs * PanelLayout.BlockBytes(bits);

    protected override int RowsTogether => PanelLayout.Outputs;

    protected override void Convert(WeightFile file, int firstRow, int rows, float[] weights)
    {
        var panels = PanelLayout.Panels(rows);
        var bytes = new byte[(long)panels * _panelBytes];
        Parallel.For(0, panels, panel => ConvertPanel(
            weights, panel * PanelLayout.Outputs, Math.Min(PanelLayout.Outputs, rows - panel * PanelLayout.Outputs),
            bytes.AsSpan(panel * _panelBytes, _panelBytes)));
        file.Write<byte>(offset + (long)firstRow / PanelLayout.Outputs * _panelBytes, bytes);
    }

    private void ConvertPanel(float[] weights, int firstRow, int rows, Span<byte> panel)
    {
        Span<sbyte> codes = stackalloc sbyte[PanelLayout.BlockInputs];
        for (var row = 0; row < rows; row++)
        {
            for (var block = 0; block < Source.Columns / PanelLayout.BlockInputs; block++)
            {
                var values = weights.AsSpan((firstRow + row) * Source.Columns + block * PanelLayout.BlockInputs, PanelLayout.BlockInputs);
                var scale = bits == 4 ? BlockQuantizer.Quantize4(values, codes) : BlockQuantizer.Quantize8(values, codes);
                RequireFinite([(float)(Half)scale]);
                PanelBlock.Write(panel.Slice(block * _blockBytes, _blockBytes), row, bits, codes, (Half)scale);
            }
        }
    }
}
