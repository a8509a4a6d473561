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
    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<string>> _models = new();

    public string Folder(string preset, WeightFormat format) =>
        _models.GetOrAdd($"{preset}-{format}", name => new(() =>
        {
            var source = _models.GetOrAdd(preset, _ => new(() =>
            {
                RandomModel.Write(_folder[preset], preset, seed: 1);
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
