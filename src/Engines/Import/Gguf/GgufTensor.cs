using System.Buffers;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>A tensor in a GGUF file.</summary>
/// <param name="file">Open while the tensor is read.</param>
/// <param name="info">Of a type that can be imported.</param>
/// <param name="headRows">Rows of a head where the file has them in pairs (see <see cref="FileRow"/>); 0 where rows lie in order.</param>
internal sealed class GgufTensor(GgufFile file, GgufTensorInfo info, int headRows) : IBlockTensor
{
    /// <summary>Most bytes that are read at a time.</summary>
    private const int StepBytes = 256 * 1024;

    public string Name => info.Name;

    public ReadOnlyMemory<long> Shape => info.Shape;

    public long ElementCount => info.ElementCount;

    public int BlockSize => info.Type is GgufType.Q4_0 or GgufType.Q8_0 ? Block.Elements : 0;

    public int BlockBits => info.Type == GgufType.Q4_0 ? 4 : 8;

    private (int Elements, int Bytes) Block => GgufTypes.TryGetBlock(info.Type, out var elements, out var bytes) ? (elements, bytes) : default;

    /// <summary>Elements that lie together in the file, whatever the order of rows.</summary>
    private long RowElements => info.ElementCount / info.Shape[0];

    public void Read(long first, Span<float> destination)
    {
        while (destination.Length > 0)
        {
            var count = (int)Math.Min(destination.Length, Run(first));
            ReadRun(FileElement(first), destination[..count]);
            first += count;
            destination = destination[count..];
        }
    }

    public void ReadBlocks(long firstRow, Span<sbyte> codes, Span<float> scales)
    {
        var (elements, bytes) = Block;
        var first = firstRow * RowElements;
        while (codes.Length > 0)
        {
            var count = (int)Math.Min(Math.Min(codes.Length, Run(first)), StepBytes / bytes * elements);
            var buffer = ArrayPool<byte>.Shared.Rent(count / elements * bytes);
            file.Read(info.Offset + FileElement(first) / elements * bytes, buffer.AsSpan(0, count / elements * bytes));
            for (var i = 0; i < count / elements; i++)
                scales[i] = GgufBlocks.ReadCodes(info.Type, buffer.AsSpan(i * bytes, bytes), codes.Slice(i * elements, elements));
            ArrayPool<byte>.Shared.Return(buffer);
            first += count;
            codes = codes[count..];
            scales = scales[(count / elements)..];
        }
    }

    private void ReadRun(long fileElement, Span<float> destination)
    {
        var (elements, bytes) = Block;
        var buffer = ArrayPool<byte>.Shared.Rent(StepBytes);
        while (destination.Length > 0)
        {
            var count = Math.Min(destination.Length, StepBytes / bytes * elements);
            var source = buffer.AsSpan(0, count / elements * bytes);
            file.Read(info.Offset + fileElement / elements * bytes, source);
            GgufBlocks.Read(info.Type, source, destination[..count]);
            fileElement += count;
            destination = destination[count..];
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>How many elements from here on lie together in the file.</summary>
    private long Run(long element) => headRows == 0 ? info.ElementCount - element : RowElements - element % RowElements;

    private long FileElement(long element) =>
        headRows == 0 ? element : FileRow((int)(element / RowElements), headRows) * RowElements + element % RowElements;

    /// <summary>
    /// Rotary embedding turns two numbers of a head against each other: in Hugging Face's layout number i of the head's first half and
    /// number i of its second, in ggml's layout for the llama architecture two neighbours.
    /// </summary>
    /// <returns>The file's row that is Hugging Face's <paramref name="row"/>.</returns>
    public static long FileRow(int row, int headRows)
    {
        var (head, place) = (row / headRows, row % headRows);
        var half = headRows / 2;
        return head * headRows + (place < half ? 2 * place : 2 * (place - half) + 1);
    }
}
