using System.Buffers;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Weights;

/// <summary>Weights of 4 or 8 bits in the panels of <see cref="PanelLayout"/>, from <paramref name="offset"/> on. A source that lies in
/// such blocks is taken over as it is; a last block of a row that is not full is filled up with zeros.</summary>
internal sealed class PanelJob(WeightRows source, int bits, long offset) : WeightJob(source)
{
    private readonly int _blocks = PanelLayout.Blocks(source.Columns);
    private readonly int _blockBytes = PanelLayout.BlockBytes(bits);

    protected override int RowsTogether => PanelLayout.Outputs;

    protected override void Move(WeightFile file, int firstRow, int rows)
    {
        var codes = new sbyte[rows * _blocks * PanelLayout.BlockInputs];
        var scales = new float[rows * _blocks];
        if (Source.HasBlocks(PanelLayout.BlockInputs, bits)) Source.ReadBlocks(firstRow, codes, scales);
        else Quantize(firstRow, rows, codes, scales);
        RequireHalves(scales);

        var panels = PanelLayout.Panels(rows);
        var panelBytes = _blocks * _blockBytes;
        var bytes = new byte[(long)panels * panelBytes];
        Parallel.For(0, panels, panel => WritePanel(panel, rows, codes, scales, bytes.AsSpan(panel * panelBytes, panelBytes)));
        file.Write<byte>(offset + (long)firstRow / PanelLayout.Outputs * panelBytes, bytes);
    }

    private void Quantize(int firstRow, int rows, sbyte[] codes, float[] scales)
    {
        var weights = ArrayPool<float>.Shared.Rent(rows * Source.Columns);
        Source.Read(firstRow, weights.AsSpan(0, rows * Source.Columns));
        Parallel.For(0, rows * _blocks, block =>
        {
            var (row, first) = (block / _blocks, block % _blocks * PanelLayout.BlockInputs);
            Span<float> values = stackalloc float[PanelLayout.BlockInputs];
            weights.AsSpan(row * Source.Columns + first, Math.Min(PanelLayout.BlockInputs, Source.Columns - first)).CopyTo(values);
            var ofBlock = codes.AsSpan(block * PanelLayout.BlockInputs, PanelLayout.BlockInputs);
            scales[block] = bits == 4 ? BlockQuantizer.Quantize4(values, ofBlock) : BlockQuantizer.Quantize8(values, ofBlock);
        });
        ArrayPool<float>.Shared.Return(weights);
    }

    /// <summary>Refuses scales that are no finite number, or none as a float16.</summary>
    private void RequireHalves(float[] scales)
    {
        RequireFinite(scales);
        foreach (var scale in scales)
            if (!Half.IsFinite((Half)scale))
                throw new ModelFolderException($"Tensor '{Source.Name}' has weights too large for this format; import as int8 or float32.");
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
