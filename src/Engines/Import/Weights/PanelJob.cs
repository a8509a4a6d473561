using System.Buffers;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights of 4 or 8 bits in the panels of <see cref="PanelLayout"/>, from <paramref name="offset"/> on. A source that lies in
/// such blocks is taken over as it is.</summary>
internal sealed class PanelJob(WeightRows source, int bits, long offset) : WeightJob(source)
{
    private readonly int _blocks = source.Columns / PanelLayout.BlockInputs;
    private readonly int _blockBytes = PanelLayout.BlockBytes(bits);

    protected override int RowsTogether => PanelLayout.Outputs;

    protected override void Move(WeightFile file, int firstRow, int rows)
    {
        var codes = new sbyte[rows * Source.Columns];
        var scales = new float[rows * _blocks];
        if (Source.HasBlocks(PanelLayout.BlockInputs, bits)) Source.ReadBlocks(firstRow, codes, scales);
        else Quantize(firstRow, rows, codes, scales);

        var panels = PanelLayout.Panels(rows);
        var panelBytes = _blocks * _blockBytes;
        var bytes = new byte[(long)panels * panelBytes];
        Parallel.For(0, panels, panel => WritePanel(panel, rows, codes, scales, bytes.AsSpan(panel * panelBytes, panelBytes)));
        file.Write<byte>(offset + (long)firstRow / PanelLayout.Outputs * panelBytes, bytes);
    }

    private void Quantize(int firstRow, int rows, sbyte[] codes, float[] scales)
    {
        var weights = ArrayPool<float>.Shared.Rent(codes.Length);
        Source.Read(firstRow, weights.AsSpan(0, codes.Length));
        Parallel.For(0, rows * _blocks, block =>
        {
            var values = weights.AsSpan(block * PanelLayout.BlockInputs, PanelLayout.BlockInputs);
            var ofBlock = codes.AsSpan(block * PanelLayout.BlockInputs, PanelLayout.BlockInputs);
            scales[block] = bits == 4 ? BlockQuantizer.Quantize4(values, ofBlock) : BlockQuantizer.Quantize8(values, ofBlock);
        });
        ArrayPool<float>.Shared.Return(weights);
        RequireFinite(scales);
    }

    private void WritePanel(int panel, int rows, sbyte[] codes, float[] scales, Span<byte> target)
    {
        for (var output = 0; output < Math.Min(PanelLayout.Outputs, rows - panel * PanelLayout.Outputs); output++)
        {
            var first = (panel * PanelLayout.Outputs + output) * _blocks;
            for (var block = 0; block < _blocks; block++)
                PanelBlock.Write(
                    target.Slice(block * _blockBytes, _blockBytes), output, bits,
                    codes.AsSpan((first + block) * PanelLayout.BlockInputs, PanelLayout.BlockInputs), (Half)scales[first + block]);
        }
    }
}
