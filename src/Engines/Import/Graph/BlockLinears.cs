using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Graph;

/// <summary>4-bit weights in blocks, multiplied with activations cut to 8 bits in the same blocks (MatMulNBits);
/// embedding and head of 8 bits, lying in the file once when they are tied.</summary>
internal sealed class BlockLinears(OnnxGraph graph, List<WeightJob> jobs, int block) : LinearFormat(graph, jobs)
{
    /// <summary>Activations of 8 bits: the fastest by far (see the performance notes), and the weights' error is larger than theirs.</summary>
    private const long AccuracyLevel = 4;

    private (long Codes, long Scales) _embedding;

    public override string AddLinear(string output, string input, WeightRows weights, WeightRows? bias)
    {
        var (codes, scales) = AddBlocks(output, weights, bits: 4, block);
        return bias is null
            ? AddMatMul(output, [input, codes, scales], weights, bits: 4)
            : AddMatMul(output, [input, codes, scales, "", "", AddFloats($"{output}.bias", bias)], weights, bits: 4);
    }

    public override string AddEmbedding(string output, string ids, WeightRows table)
    {
        var size = EmbeddingBlock(table, block);
        _embedding = AddBlockEmbedding(output, ids, table, size);
        return output;
    }

    public override string AddHead(string output, string input, WeightRows weights, bool tied)
    {
        if (!tied || EmbeddingBlock(weights, block) != block)
        {
            var (codes, scales) = AddBlocks(output, weights, bits: 8, block);
            return AddMatMul(output, [input, codes, scales], weights, bits: 8);
        }

        var blocks = weights.Columns / block;
        Graph.AddWeightsAt(_embedding.Codes, $"{output}.codes", OnnxType.UInt8, weights.Rows, blocks, block);
        Graph.AddWeightsAt(_embedding.Scales, $"{output}.scales", OnnxType.Float, weights.Rows, blocks);
        return AddMatMul(output, [input, $"{output}.codes", $"{output}.scales"], weights, bits: 8);
    }

    private string AddMatMul(string output, ReadOnlySpan<string> inputs, WeightRows weights, int bits) =>
        Graph.AddNode(
            OnnxOp.Contributed("MatMulNBits"), inputs, [output],
            new OnnxAttribute("K", weights.Columns), new OnnxAttribute("N", weights.Rows),
            new OnnxAttribute("bits", bits), new OnnxAttribute("block_size", block),
            new OnnxAttribute("accuracy_level", AccuracyLevel));

    private (string Codes, string Scales) AddBlocks(string name, WeightRows weights, int bits, int size)
    {
        var blocks = (weights.Columns + size - 1) / size;
        var (codes, scales) = ($"{name}.codes", $"{name}.scales");
        var codesOffset = Graph.AddWeights(codes, OnnxType.UInt8, weights.Rows, blocks, size * bits / 8);
        var scalesOffset = Graph.AddWeights(scales, OnnxType.Float, weights.Rows, blocks);
        AddBlockJob(weights, bits, size, codesOffset, scalesOffset);
        return (codes, scales);
    }
}
