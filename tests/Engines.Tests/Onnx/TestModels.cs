using System.Collections.Concurrent;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tests.Import;

[assembly: Xunit.AssemblyFixture(typeof(StreamCore.Engines.Tests.Onnx.TestModels))]

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>Imported random models, each made once for all tests.</summary>
public sealed class TestModels : IDisposable
{
    /// <summary>The matrices of Qwen2.5-0.5B, but few of them and a short vocabulary.</summary>
    public const string QwenLike = "qwen2.5-like";

    private static readonly RandomModelShape QwenLikeShape = new()
    {
        Architecture = "Qwen2ForCausalLM",
        Vocabulary = 4096,
        Hidden = 896,
        Layers = 2,
        Heads = 14,
        KvHeads = 2,
        HeadSize = 64,
        Mlp = 4864,
        Context = 2048,
        Tied = true,
        RopeTheta = 1_000_000,
    };

    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<string>> _models = new();

    public string Folder(string preset, WeightFormat format) =>
        _models.GetOrAdd($"{preset}-{format}", name => new(() =>
        {
            var source = _models.GetOrAdd(preset, _ => new(() =>
            {
                if (preset == QwenLike) RandomModel.Write(_folder[preset], QwenLikeShape, seed: 1);
                else RandomModel.Write(_folder[preset], preset, seed: 1);
                return _folder[preset];
            })).Value;
            ModelImporter.Import(source, _folder[name], format);
            return _folder[name];
        })).Value;

    public OnnxBatchEngine Engine(string preset, WeightFormat format, Action<OnnxOptions>? configure = null)
    {
        var options = new OnnxOptions { CacheBytes = 64 << 20 };
        configure?.Invoke(options);
        return OnnxBatchEngine.Load(Folder(preset, format), options);
    }

    public void Dispose() => _folder.Dispose();
}
