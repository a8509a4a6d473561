using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Import.Weights;

namespace StreamCore.Engines.Import.Graph;

/// <summary>
/// How the linear layers of a graph keep and apply their weights. Adds nodes to the graph and the work of filling their weights to the jobs.
/// Every form treats a row of its input by itself, so that a row's result does not depend on the others of the step.
/// </summary>
internal abstract class LinearFormat(OnnxGraph graph, List<WeightJob> jobs)
{
    protected OnnxGraph Graph { get; } = graph;

    /// <summary>Adds output = input · weightsᵀ + bias.</summary>
    /// <returns><paramref name="output"/>.</returns>
    public abstract string AddLinear(string output, string input, WeightRows weights, WeightRows? bias);

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

    protected void AddJob(WeightJob job) => jobs.Add(job);
}
