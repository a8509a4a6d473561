using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>A Hugging Face folder with safetensors weights.</summary>
internal sealed class SafetensorsModel : IModelSource
{
    private readonly string _folder;
    private readonly SafetensorsFolder _weights;

    /// <exception cref="ModelFolderException">A file is missing or broken.</exception>
    public SafetensorsModel(string folder)
    {
        _folder = folder;
        Config = DecoderConfig.Load(folder);
        _weights = SafetensorsFolder.Open(folder);
    }

    public string Name => Path.GetFileName(_folder);

    public DecoderConfig Config { get; }

    public WeightFormat DefaultFormat => WeightFormat.Int8;

    public IWeightTensor Find(string name, params ReadOnlySpan<long> shape)
    {
        if (!_weights.Tensors.TryGetValue(name, out var tensor))
            throw new ModelFolderException($"'{_folder}': the weights have no tensor '{name}', which {DecoderConfig.FileName} asks for.");
        if (!tensor.Shape.Span.SequenceEqual(shape))
            throw new ModelFolderException(
                $"'{_folder}': tensor '{name}' has shape [{IWeightTensor.Text(tensor.Shape.Span)}], but {DecoderConfig.FileName} asks for [{IWeightTensor.Text(shape)}].");
        if (!tensor.TryGetType(out _))
            throw new ModelFolderException($"'{_folder}': tensor '{name}' has type {tensor.TypeName}; only F32, F16 and BF16 can be imported.");
        return tensor;
    }

    public void WriteFiles(string folder) => HuggingFaceFiles.Copy(_folder, folder);

    public void Dispose() => _weights.Dispose();
}
