namespace StreamCore.Engines.Tests.Reference;

/// <summary>Weights by the graph's names, row-major [outputs, inputs]; null where the model has none.</summary>
internal interface IReferenceWeights
{
    double[]? Find(string name);

}
