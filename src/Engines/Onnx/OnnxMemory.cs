using StreamCore.Engines.Import.Graph;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx.Attention;

namespace StreamCore.Engines.Onnx;

/// <summary>
/// What a model takes of memory while it is loaded, in bytes, told from its files and settings before it is. The most it comes to: the
/// cache is touched as it is used, and buffers grow with the steps.
/// </summary>
/// <param name="WeightBytes">Its files, of which one copy is kept; of float weights that are embedding and head too, one for each.</param>
/// <param name="CacheBytes">Keys and values, all blocks written.</param>
/// <param name="WorkingBytes">What the largest step needs: logits, activations, attention's scores and parts; and the rotary tables.</param>
public sealed record OnnxMemory(long WeightBytes, long CacheBytes, long WorkingBytes)
{
    /// <summary>Floats for each token of a step and each of its hidden values, over all buffers that live at a time: the widest layer's inputs
    /// and outputs, their codes, and what ONNX Runtime's arena keeps beyond them.</summary>
    private const int ActivationFactor = 32;

    /// <summary>The session itself: graph, kernels, threads.</summary>
    private const long SessionBytes = 16 << 20;

    public long TotalBytes => WeightBytes + CacheBytes + WorkingBytes;

    /// <summary>For the imported model in this folder.</summary>
    public static OnnxMemory Of(string folder, OnnxOptions options)
    {
        var metadata = ModelMetadata.Load(folder);
        var limits = OnnxBatchEngine.LimitsOf(metadata, options);
        var activations = (long)limits.MaxStepTokens * metadata.HiddenSize * ActivationFactor;
        var logits = (long)limits.MaxStepLogits * limits.VocabularySize;
        var rotary = (long)limits.MaxContextTokens * metadata.HeadSize;
        var scores = (long)AttentionKernel.SegmentTokens * 16 * options.ThreadCount;
        var parts = (long)options.MaxSequences * AttentionKernel.SegmentsAt(limits.MaxContextTokens - 1) * metadata.HeadCount * (metadata.HeadSize + 2);
        var files = new DirectoryInfo(folder).GetFiles(DecoderGraph.ModelFileName + "*").Sum(file => file.Length);
        // ONNX Runtime lays the head out anew, and the embedding is read where it lies.
        var head = metadata.Weights == WeightFormats.NameOf(WeightFormat.Float32) ? (long)metadata.VocabularySize * metadata.HiddenSize * sizeof(float) : 0;
        return new OnnxMemory(
            files + head,
            OnnxBatchEngine.CacheBytesOf(metadata, limits, options),
            (activations + logits + rotary + scores + parts) * sizeof(float) + SessionBytes);
    }
}
