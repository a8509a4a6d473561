using System.Buffers;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Exported;

/// <summary>Weights in blocks along each row, as MatMulNBits and GatherBlockQuantized have them: value = (code - zero) · scale.</summary>
internal sealed class BlockMatrix : IBlockTensor
{
    private readonly BlockForm _form;
    private readonly int _columns;
    private readonly int _blocks;
    private readonly bool _symmetric;

    /// <param name="form">Whose tensors have the sizes that follow from rows and columns.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    public BlockMatrix(BlockForm form, int rows, int columns)
    {
        _form = form;
        _columns = columns;
        _blocks = form.Blocks(columns);
        Shape = new long[] { rows, columns };
        _symmetric = form.ZeroPoints is null ? form.Zero == form.Middle : AllZeroPointsAreMiddle(rows);
    }

    public string Name => _form.Codes.Name;

    public ReadOnlyMemory<long> Shape { get; }

    public long ElementCount => Shape.Span[0] * _columns;

    /// <summary>Only blocks without an offset can be kept as they are, and only where they fill their rows.</summary>
    public int BlockSize => _symmetric && _columns % _form.Block == 0 ? _form.Block : 0;

    public int BlockBits => _form.Bits;

    public BlockForm Form => _form;

    public void Read(long first, Span<float> destination)
    {
        var rows = destination.Length / _columns;
        var (codes, scales, zeros) = (new byte[rows * _blocks * _form.Block], new float[rows * _blocks], new float[rows * _blocks]);
        ReadRows(first / _columns, codes, scales, zeros);
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < _columns; i++)
            {
                var block = row * _blocks + i / _form.Block;
                destination[row * _columns + i] = (codes[row * _blocks * _form.Block + i] - zeros[block]) * scales[block];
            }
    }

    /// <inheritdoc/>
    public void ReadBlocks(long firstRow, Span<sbyte> codes, Span<float> scales)
    {
        // Blocks of a part of the size have the scale of the whole.
        var parts = _form.Block / (codes.Length / scales.Length);
        var (raw, whole) = (ArrayPool<byte>.Shared.Rent(codes.Length), new float[scales.Length / parts]);
        ReadRows(firstRow, raw.AsSpan(0, codes.Length), whole, []);
        for (var i = 0; i < codes.Length; i++) codes[i] = (sbyte)(raw[i] - _form.Middle);
        for (var i = 0; i < scales.Length; i++) scales[i] = whole[i / parts];
        ArrayPool<byte>.Shared.Return(raw);
    }

    private void ReadRows(long firstRow, Span<byte> codes, Span<float> scales, Span<float> zeros)
    {
        var perByte = 8 / _form.Bits;
        var packed = ArrayPool<byte>.Shared.Rent(codes.Length / perByte);
        _form.Codes.ReadBytes(firstRow * _blocks * _form.Block / perByte, packed.AsSpan(0, codes.Length / perByte));
        for (var i = 0; i < codes.Length; i++) codes[i] = _form.Code(packed[i / perByte], i % perByte);
        ArrayPool<byte>.Shared.Return(packed);
        _form.Scales.ReadFloats(firstRow * _blocks, scales);
        if (zeros.Length > 0) ReadZeros(firstRow, zeros);
    }

    private void ReadZeros(long firstRow, Span<float> zeros)
    {
        if (_form.ZeroPoints is not { } points) zeros.Fill(_form.Zero);
        else if (points.IsFloat) points.ReadFloats(firstRow * _blocks, zeros);
        else
        {
            // Each row's zero points fill whole bytes.
            var (perByte, rowBytes) = (8 / _form.Bits, _form.ZeroPointBytes(_columns));
            var packed = new byte[zeros.Length / _blocks * rowBytes];
            points.ReadBytes(firstRow * rowBytes, packed);
            for (var i = 0; i < zeros.Length; i++)
            {
                var place = i % _blocks;
                zeros[i] = _form.Code(packed[i / _blocks * rowBytes + place / perByte], place % perByte);
            }
        }
    }

    private bool AllZeroPointsAreMiddle(int rows)
    {
        var zeros = new float[_blocks];
        for (var row = 0; row < rows; row++)
        {
            ReadZeros(row, zeros);
            if (zeros.AsSpan().ContainsAnyExcept((float)_form.Middle)) return false;
        }
        return true;
    }
}
