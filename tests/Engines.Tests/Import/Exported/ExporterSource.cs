using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Tests.Import.Exported;

/// <summary>The model that an exporter writes as a graph.</summary>
internal sealed class ExporterSource(string folder, RandomModelShape shape) : IDisposable
{
    private readonly SafetensorsFolder _weights = SafetensorsFolder.Open(folder);

    public RandomModelShape Shape => shape;

    public int Queries => shape.Heads * shape.HeadSize;

    public int Keys => shape.KvHeads * shape.HeadSize;

    /// <summary>Null where the model has no such weights.</summary>
    public float[]? Find(string name)
    {
        if (!_weights.Tensors.TryGetValue(name, out var tensor)) return null;
        var values = new float[tensor.ElementCount];
        tensor.Read(0, values);
        return values;
    }

    public float[] Read(string name) => Find(name) ?? throw new KeyNotFoundException(name);

    /// <summary>[inputs, outputs] of a matrix with so many outputs.</summary>
    public static float[] Turned(float[] matrix, int outputs)
    {
        var inputs = matrix.Length / outputs;
        var turned = new float[matrix.Length];
        for (var output = 0; output < outputs; output++)
            for (var input = 0; input < inputs; input++)
                turned[input * outputs + output] = matrix[output * inputs + input];
        return turned;
    }

    /// <summary>The files beside the weights.</summary>
    public void CopyFiles(string target, bool config)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(folder).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)))
            if (config || Path.GetFileName(file) != "config.json")
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
    }

    public void Dispose() => _weights.Dispose();
}
