namespace StreamCore.Engines.Onnx;

/// <summary>How ONNX models are loaded and run.</summary>
public sealed class OnnxOptions
{
    /// <summary>
    /// Path of ONNX Runtime's native library, for a build of one's own (CUDA, OpenVINO). Null looks at STREAMCORE_ONNXRUNTIME,
    /// then beside the program, then in the cache that the build fills. One process can use only one.
    /// </summary>
    public string? LibraryPath { get; set; }

    /// <summary>Threads that compute a step; 0 takes every processor, because a step uses them all well.</summary>
    public int Threads { get; set; }

    /// <summary>
    /// Whether threads wait for the next step at full speed. Off, because HTTP shares the processors;
    /// on gains up to 8 % with a single client and next to nothing with many.
    /// </summary>
    public bool Spin { get; set; }

    /// <summary>
    /// Whether the session's threads take denormal numbers for zero. Off: ONNX Runtime sets it for its own threads and for the thread that
    /// loads the first model, which keeps it for good, but not for the thread that runs the steps and does its share of the work; so a number
    /// could depend on who computed it. Attention, where such numbers come from, makes none. On gained 5 % with stock attention on noise.
    /// </summary>
    public bool FlushDenormals { get; set; }

    /// <summary>Most memory for keys and values, in bytes; touched as it is used. 512 MiB is 43,000 tokens of a model like Qwen2.5-0.5B.</summary>
    public long CacheBytes { get; set; } = 512L << 20;

    /// <summary>How keys and values are stored. Half-width by default: attention reads them all in every step.</summary>
    public KvCacheType CacheType { get; set; } = KvCacheType.BFloat16;

    /// <summary>Longest sequence in tokens; 0 takes what the model was made for. Less saves memory in the rotary tables.</summary>
    public int MaxContextTokens { get; set; }

    /// <summary>Sequences that may run at once. The cache is never made larger than they could fill.</summary>
    public int MaxSequences { get; set; } = 64;

    /// <summary>Most new tokens in one step. Prompt chunks of 128 to 256 are the fastest; the rest is room for decode rows.</summary>
    public int MaxStepTokens { get; set; } = 512;

    /// <summary>Most rows of logits in one step: one for each sequence, and more where drafted tokens are verified.</summary>
    public int MaxStepLogits { get; set; } = 128;

    /// <summary>The same with so many threads.</summary>
    public OnnxOptions WithThreads(int threads)
    {
        var copy = (OnnxOptions)MemberwiseClone();
        copy.Threads = threads;
        return copy;
    }

    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}
