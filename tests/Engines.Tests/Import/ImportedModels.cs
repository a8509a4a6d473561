using System.Collections.Concurrent;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tests.Reference;

namespace StreamCore.Engines.Tests.Import;

/// <summary>The tiny models in every format, each imported once, with the reference's logits for three sequences.</summary>
public sealed class ImportedModels : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly ConcurrentDictionary<(string, WeightFormat), Lazy<string>> _folders = new();
    private readonly ConcurrentDictionary<(string, WeightFormat), Lazy<double[][][]>> _references = new();

    /// <summary>Different lengths, the longest over more than two cache blocks.</summary>
    public static int[][] Sequences { get; } =
        [.. new[] { 40, 9, 17 }.Select((length, which) => Enumerable.Range(1, length).Select(i => i * (37 + which) % 300).ToArray())];

    public OnnxBatchEngine Load(string shape, WeightFormat format, int threads = 2) =>
        OnnxBatchEngine.Load(Folder(shape, format), new OnnxOptions { CacheBytes = 8 << 20, CacheType = KvCacheType.Float32, Threads = threads });

    /// <summary>Logits of each position of each sequence, from the imported weights and activations cut as the format cuts them.</summary>
    internal double[][][] Reference(string shape, WeightFormat format) =>
        _references.GetOrAdd((shape, format), _ => new(() =>
        {
            var decoder = new ReferenceDecoder(TinyModel.Reference(TinyModel.Shapes[shape]), new ImportedWeights(Folder(shape, format)), ActivationBlock(format));
            return [.. Sequences.Select(sequence => decoder.Run(sequence))];
        })).Value;

    /// <summary>Logits straight from the source's weights, nothing cut.</summary>
    internal double[][] Exact(string shape, int[] sequence)
    {
        using var weights = new SourceWeights(Source(shape));
        return new ReferenceDecoder(TinyModel.Reference(TinyModel.Shapes[shape]), weights).Run(sequence);
    }

    public void Dispose() => _temp.Dispose();

    private static int ActivationBlock(WeightFormat format) => format switch
    {
        WeightFormat.Int4Block32 or WeightFormat.Int4Whole or WeightFormat.Int8Block32 => 32,
        WeightFormat.Int4Block128 => 128,
        WeightFormat.Int8 => -1,
        _ => 0,
    };

    private string Source(string shape)
    {
        lock (_temp)
        {
            if (!Directory.Exists(_temp[shape])) RandomModel.Write(_temp[shape], TinyModel.Shapes[shape], seed: 1);
            return _temp[shape];
        }
    }

    private string Folder(string shape, WeightFormat format) =>
        _folders.GetOrAdd((shape, format), _ => new(() =>
        {
            var target = _temp[$"{shape} {format}"];
            ModelImporter.Import(Source(shape), target, format);
            return target;
        })).Value;
}
