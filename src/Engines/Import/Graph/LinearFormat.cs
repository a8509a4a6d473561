using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Graph;

/// <summary>
/// How the linear layers of a graph keep and apply their weights. Adds nodes to the graph and the work of filling their weights to the jobs.
/// Every form treats a row of its input by itself, so that a row's result does not depend on the others of the step.
/// </summary>
internal abstract class LinearFormat(OnnxGraph graph, List<WeightJob> jobs)
{
    /// <summary>GatherBlockQuantized's own limit.</summary>
    private const int SmallestEmbeddingBlock = 16;

    protected OnnxGraph Graph { get; } = graph;

    /// <summary>Adds output = input · weightsᵀ + bias.</summary>
    /// <returns><paramref name="output"/>.</returns>
    public abstract string AddLinear(string output, string input, WeightRows weights, WeightRows? bias);

    /// <summary>Adds SiLU(input · gateᵀ + its bias) · (input · weightsᵀ + bias), number by number, of a layer of the decoder.</summary>
    /// <returns>The product's name.</returns>
    public virtual string AddGated(string layer, string input, WeightRows gate, WeightRows? gateBias, WeightRows weights, WeightRows? bias)
    {
        var gates = AddLinear($"{layer}.gate", input, gate, gateBias);
        var values = AddLinear($"{layer}.up", input, weights, bias);
        // With alpha 1 this is SiLU in one node.
        var silu = Graph.AddNode(OnnxOp.Contributed("QuickGelu"), [gates], [$"{layer}.silu"], new OnnxAttribute("alpha", 1f));
        return Graph.AddNode(OnnxOp.Standard("Mul"), [silu, values], [$"{layer}.product"]);
    }

    /// <summary>Adds the look-up of token embeddings.</summary>
    public abstract string AddEmbedding(string output, string ids, WeightRows table);

    /// <summary>Adds the last layer, from hidden state to logits; with <paramref name="tied"/> its weights are the embedding's.</summary>
    public abstract string AddHead(string output, string input, WeightRows weights, bool tied);

    /// <summary>Adds float weights as they are.</summary>
    public string AddFloats(string name, WeightRows source)
    {
        var offset = source.Columns == 1
            ? Graph.AddWeights(name, OnnxType.Float, source.Rows)
            : Graph.AddWeights(name, OnnxType.Float, source.Rows, source.Columns);
        AddJob(new CopyJob(source, offset));
        return name;
    }

    /// <summary>The block size an 8-bit embedding can have: a row must be made of whole blocks.</summary>
    /// <exception cref="ModelFolderException">No block size divides the row.</exception>
    protected static int EmbeddingBlock(WeightRows table, int wanted)
    {
        for (var size = wanted; size >= SmallestEmbeddingBlock; size /= 2)
            if (table.Columns % size == 0)
                return size;
        throw new ModelFolderException(
            $"The hidden size is {table.Columns}; quantised formats need a multiple of {SmallestEmbeddingBlock}: import as float32.");
    }

    /// <summary>Adds the look-up in a table of 8-bit blocks.</summary>
    /// <returns>Where the table's codes and scales lie in the data file.</returns>
    protected (long Codes, long Scales) AddBlockEmbedding(string output, string ids, WeightRows table, int block)
    {
        var (codes, scales) = ($"{output}.codes", $"{output}.scales");
        var codesOffset = Graph.AddWeights(codes, OnnxType.UInt8, table.Rows, table.Columns);
        var scalesOffset = Graph.AddWeights(scales, OnnxType.Float, table.Rows, table.Columns / block);
        AddBlockJob(table, bits: 8, block, codesOffset, scalesOffset);
        Graph.AddNode(
            OnnxOp.Contributed("GatherBlockQuantized"), [codes, ids, scales], [output],
            new OnnxAttribute("bits", 8), new OnnxAttribute("block_size", block),
            new OnnxAttribute("gather_axis", 0), new OnnxAttribute("quantize_axis", 1));
        return (codesOffset, scalesOffset);
    }

    /// <summary>Adds the work of filling weights in blocks; those of a source that has them in such blocks are kept as they are.</summary>
    protected void AddBlockJob(WeightRows weights, int bits, int block, long codesOffset, long scalesOffset) =>
        AddJob(weights.HasBlocks(block, bits)
            ? new BlockCopyJob(weights, bits, block, codesOffset, scalesOffset)
            : new BlockJob(weights, bits, block, codesOffset, scalesOffset));

    protected void AddJob(WeightJob job) => jobs.Add(job);
}
