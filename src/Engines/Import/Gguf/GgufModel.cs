using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>A model in a GGUF file.</summary>
internal sealed class GgufModel : IModelSource
{
    private readonly GgufFile _file;
    private readonly JsonObject _configJson;
    private readonly HashSet<string> _unused;

    /// <exception cref="ModelFolderException">The file is broken, or holds something that cannot be imported.</exception>
    public GgufModel(string path)
    {
        _file = GgufFile.Open(path);
        try
        {
            _configJson = GgufConfig.ToJson(_file);
            _unused = [.. _file.Tensors.Keys];
            Config = ReadConfig();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Name => Path.GetFileNameWithoutExtension(_file.Path);

    public DecoderConfig Config { get; }

    /// <summary>Four bits if most weights have no more: that keeps a Q4_0 file's as they are.</summary>
    public WeightFormat DefaultFormat
    {
        get
        {
            var matrices = _file.Tensors.Values.Where(tensor => tensor.Shape.Length == 2 && tensor.Name.StartsWith("blk.", StringComparison.Ordinal)).ToList();
            var few = matrices.Where(tensor => GgufTypes.IsFourBits(tensor.Type)).Sum(tensor => tensor.ElementCount);
            return WeightFormats.Nearest(few, matrices.Sum(tensor => tensor.ElementCount));
        }
    }

    public IWeightTensor Find(string name, params ReadOnlySpan<long> shape)
    {
        var info = Describe(GgufNames.Of(name), shape);
        var paired = Config.Family == "llama" && GgufNames.IsRotated(name);
        return new GgufTensor(_file, info, paired ? Config.HeadSize : 0);
    }

    public void WriteFiles(string folder)
    {
        // Weights that nothing reads mean that the model is another than its metadata says.
        if (_unused.FirstOrDefault() is { } unused)
            throw new ModelFolderException($"'{_file.Path}' has tensor '{unused}', which a {Config.Family} model has not; it cannot be imported.");
        var options = new JsonSerializerOptions { WriteIndented = true };
        File.WriteAllText(Path.Combine(folder, DecoderConfig.FileName), _configJson.ToJsonString(options));
        GgufTokenizer.Write(_file.Metadata, folder);
        TokenizerLoader.Load(folder);
    }

    public void Dispose() => _file.Dispose();

    private GgufTensorInfo Describe(string name, ReadOnlySpan<long> shape)
    {
        if (!_file.Tensors.TryGetValue(name, out var info))
            throw new ModelFolderException($"'{_file.Path}' has no tensor '{name}', which its metadata asks for.");
        if (!info.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFolderException(
                $"'{_file.Path}': tensor '{name}' has shape [{IWeightTensor.Text(info.Shape)}], but the metadata asks for [{IWeightTensor.Text(shape)}].");
        if (!GgufTypes.TryGetBlock(info.Type, out _, out _))
            throw new ModelFolderException(
                $"'{_file.Path}': tensor '{name}' has type {GgufTypes.NameOf(info.Type)}; only {GgufTypes.Names} can be imported.");
        _unused.Remove(name);
        return info;
    }

    private DecoderConfig ReadConfig()
    {
        using var json = JsonDocument.Parse(_configJson.ToJsonString());
        var config = DecoderConfig.Read(new ConfigReader(_file.Path, json.RootElement)) with
        {
            QkvBias = Has("model.layers.0.self_attn.q_proj.bias"),
            OutputBias = Has("model.layers.0.self_attn.o_proj.bias"),
            MlpBias = Has("model.layers.0.mlp.gate_proj.bias"),
        };
        if (!_file.Tensors.ContainsKey(GgufNames.RopeFactors)) return config;

        var factors = new float[config.HeadSize / 2];
        new GgufTensor(_file, Describe(GgufNames.RopeFactors, [factors.Length]), headRows: 0).Read(0, factors);
        return config with { Rope = config.Rope with { Inverse = [.. config.Rope.Inverse.Zip(factors, (inverse, factor) => inverse / factor)] } };
    }

    private bool Has(string name) => _file.Tensors.ContainsKey(GgufNames.Of(name));
}
