namespace StreamCore.Engines.Onnx.Native;

/// <summary>A loaded graph. One run at a time.</summary>
internal sealed unsafe class OrtSession : IDisposable
{
    private readonly OrtLibrary _library;
    private readonly OrtSessionHandle _session;

    /// <summary>Loads a graph, whose operators may be ours too, to be run on <paramref name="threads"/> threads.</summary>
    /// <exception cref="OrtException">The file, or one it names, is missing, damaged or of a kind this build cannot run.</exception>
    public OrtSession(OrtLibrary library, string path, OnnxOptions options, int threads)
    {
        _library = library;
        var api = library.Api;
        using var settings = new OrtSessionOptionsHandle(api, api.CreateSessionOptions());
        api.SetIntraOpNumThreads(settings.Value, threads);
        // A memory plan is kept for every shape ever run, and each step has another.
        api.DisableMemPattern(settings.Value);
        api.AddSessionConfigEntry(settings.Value, "session.intra_op.allow_spinning", options.Spin ? "1" : "0");
        api.AddSessionConfigEntry(settings.Value, "session.set_denormal_as_zero", options.FlushDenormals ? "1" : "0");
        // The slower product that does not overflow. Only where it is needed: it takes effect with VNNI too, and measured there it
        // halves the speed of the 8-bit format (prompt 648 to 350 tokens/s, 32 rows 325 to 215, Qwen2.5-0.5B shape, two Zen 4 cores).
        if (ByteProducts.Saturate) api.AddSessionConfigEntry(settings.Value, "session.x64quantprecision", "1");
        api.AddCustomOpDomain(settings.Value, library.Domain);
        _session = new OrtSessionHandle(api, api.CreateSession(library.Environment, path, settings.Value));
    }

    public IReadOnlyList<OrtSignature> Inputs => Signature(outputs: false);

    public IReadOnlyList<OrtSignature> Outputs => Signature(outputs: true);

    public void Run(ReadOnlySpan<OrtTensor> inputs, ReadOnlySpan<OrtTensor> outputs)
    {
        var count = inputs.Length + outputs.Length;
        var names = stackalloc byte*[count];
        var values = stackalloc nint[count];
        for (var i = 0; i < count; i++)
        {
            var tensor = i < inputs.Length ? inputs[i] : outputs[i - inputs.Length];
            names[i] = tensor.NativeName;
            values[i] = tensor.Value;
        }
        _library.Api.Run(
            _session.Value, names, values, inputs.Length, names + inputs.Length, outputs.Length, values + inputs.Length);
    }

    public void Dispose() => _session.Dispose();

    private OrtSignature[] Signature(bool outputs)
    {
        var api = _library.Api;
        var signature = new OrtSignature[api.SessionCount(_session.Value, outputs)];
        for (var i = 0; i < signature.Length; i++)
        {
            var (type, shape) = api.SessionTensor(_session.Value, outputs, i) ?? (OrtElementType.Undefined, []);
            signature[i] = new OrtSignature(api.SessionName(_session.Value, outputs, i), type, shape);
        }
        return signature;
    }
}
