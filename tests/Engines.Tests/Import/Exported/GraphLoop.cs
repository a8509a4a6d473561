using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Native;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>An exported graph run by ONNX Runtime as it was meant to be: one sequence, its cache fed back from step to step.</summary>
internal sealed class GraphLoop : IDisposable
{
    private readonly OrtLibrary _library = OrtLibrary.Load(null);
    private readonly OrtSession _session;
    private readonly Dictionary<string, (float[] Values, long[] Shape)> _cache = [];
    private int _position;

    public GraphLoop(string path)
    {
        _session = new OrtSession(_library, path, new OnnxOptions(), threads: 1);
        foreach (var past in _session.Inputs.Where(input => input.Name.StartsWith("past", StringComparison.Ordinal)))
            _cache[past.Name] = ([], [1, past.Shape[1], 0, past.Shape[3]]);
    }

    /// <summary>Logits of the next tokens.</summary>
    public float[][] Step(params ReadOnlySpan<int> tokens)
    {
        var (count, total) = (tokens.Length, _position + tokens.Length);
        List<OrtTensor> inputs = [], outputs = [];
        foreach (var input in _session.Inputs)
        {
            if (_cache.TryGetValue(input.Name, out var past))
            {
                var tensor = new OrtTensor<float>(_library, input.Name, 4);
                past.Values.CopyTo(tensor.Reshape(past.Shape));
                inputs.Add(tensor);
                continue;
            }
            var numbers = new OrtTensor<long>(_library, input.Name, 2);
            var values = numbers.Reshape(1, input.Name == "attention_mask" ? total : count);
            for (var i = 0; i < values.Length; i++) values[i] = input.Name switch { "input_ids" => tokens[i], "position_ids" => _position + i, _ => 1 };
            inputs.Add(numbers);
        }
        var logits = new OrtTensor<float>(_library, "logits", 3);
        var width = _session.Outputs.Single(output => output.Name == "logits").Shape[^1];
        logits.Reshape(1, count, width);
        outputs.Add(logits);
        foreach (var (name, past) in _cache)
        {
            var present = new OrtTensor<float>(_library, name.Replace("past_key_values", "present"), 4);
            present.Reshape(1, past.Shape[1], total, past.Shape[3]);
            outputs.Add(present);
        }

        _session.Run(inputs.ToArray(), outputs.ToArray());
        foreach (var (name, present) in _cache.Keys.ToArray().Zip(outputs.Skip(1).Cast<OrtTensor<float>>()))
        {
            long[] shape = [1, _cache[name].Shape[1], total, _cache[name].Shape[3]];
            _cache[name] = (present.Slice(0, (int)(shape[1] * shape[2] * shape[3])).ToArray(), shape);
        }
        _position = total;
        var rows = Enumerable.Range(0, count).Select(row => logits.Slice(row * width, (int)width).ToArray()).ToArray();
        foreach (var tensor in inputs.Concat(outputs)) tensor.Dispose();
        return rows;
    }

    public void Dispose() => _session.Dispose();
}
