using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>A model to be imported, whatever file it lies in.</summary>
internal interface IModelSource : IDisposable
{
    /// <summary>The model's own name.</summary>
    string Name { get; }

    DecoderConfig Config { get; }

    /// <summary>The format taken when none is asked for.</summary>
    WeightFormat DefaultFormat { get; }

    /// <summary>The tensor of a name as Hugging Face has it, with the layout Hugging Face gives it.</summary>
    /// <exception cref="ModelFolderException">It is missing, has another shape, or a type that cannot be imported.</exception>
    IWeightTensor Find(string name, params ReadOnlySpan<long> shape);

    /// <summary>Writes the files that the imported model has beside its weights.</summary>
    /// <exception cref="ModelFolderException">What they are made from is not sound.</exception>
    void WriteFiles(string folder);
}
