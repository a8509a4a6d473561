using System.Runtime.InteropServices;

namespace StreamCore.Engines.Tests.Reference;

/// <summary>The weights of an imported model as the numbers they stand for: codes times scales.</summary>
internal sealed class ImportedWeights(string folder) : IReferenceWeights
{
    private readonly OnnxFileReader _file = new(folder);

    public double[]? Find(string name)
    {
        var dot = name.LastIndexOf('.');
        if (FindPanels(name[..dot]) is { } panels) return name[dot..] == ".weight" ? Panels(name[..dot]).ToRows() : PanelBias(panels.Node, panels.Bias);
        if (_file.Weights.TryGetValue(name, out var floats)) return Array.ConvertAll(Floats(floats), value => (double)value);
        var layer = name.EndsWith(".weight", StringComparison.Ordinal) ? name[..^".weight".Length] : "";
        if (layer == "logits" && !_file.Weights.ContainsKey("logits.codes")) layer = "embedding";
        if (layer == "embedding" && _file.Weights.TryGetValue("embedding.weight", out floats))
            return Array.ConvertAll(Floats(floats), value => (double)value);
        if (!_file.Weights.TryGetValue($"{layer}.codes", out var codes)) return null;

        var scales = Floats(_file.Weights[$"{layer}.scales"]);
        var node = _file.Nodes.Single(n => n.Inputs.Contains($"{layer}.codes"));
        return node.Op switch
        {
            "MatMulNBits" => Blocks(_file.Bytes(codes), scales, node.Integers["bits"], (int)node.Integers["K"], (int)node.Integers["block_size"]),
            "GatherBlockQuantized" => Blocks(_file.Bytes(codes), scales, 8, (int)codes.Shape[1], (int)node.Integers["block_size"]),
            "MatMulIntegerToFloat" => Columns(_file.Bytes(codes), scales),
            _ => throw new InvalidOperationException(node.Op),
        };
    }

    /// <summary>The weights of a layer whose operator reads panels.</summary>
    public PanelWeights Panels(string layer)
    {
        var (node, weights, _) = FindPanels(layer)!.Value;
        var sizes = node.Integers;
        var (outputs, inputs, bits) = ((int)sizes["outputs"], (int)sizes["inputs"], (int)sizes["bits"]);
        var empty = new PanelWeights(outputs, inputs, bits);
        return new PanelWeights(Data(sizes[weights], empty.Bytes.Length), outputs, inputs, bits);
    }

    /// <summary>The node that has the layer's panels, and the attributes that tell where its weights and its bias are. Gate and up are one node.</summary>
    private (OnnxNode Node, string Weights, string Bias)? FindPanels(string layer)
    {
        var dot = layer.LastIndexOf('.');
        var (output, attributes) = layer[(dot + 1)..] switch
        {
            "gate" => ($"{layer[..dot]}.product", ("gate", "gate_bias")),
            "up" => ($"{layer[..dot]}.product", ("weights", "bias")),
            _ => (layer, ("weights", "bias")),
        };
        var node = _file.Nodes.SingleOrDefault(node => node.Op is "PanelLinear" or "PanelEmbedding" && node.Outputs[0] == output);
        return node is null ? null : (node, attributes.Item1, attributes.Item2);
    }

    private double[]? PanelBias(OnnxNode node, string bias) =>
        node.Integers[bias] < 0
            ? null
            : Array.ConvertAll(MemoryMarshal.Cast<byte, float>(Data(node.Integers[bias], (int)node.Integers["outputs"] * 4)).ToArray(), value => (double)value);

    private byte[] Data(long offset, int length) => _file.Bytes(new OnnxWeight("", [], "model.onnx.data", offset, length));

    private float[] Floats(OnnxWeight weight) => MemoryMarshal.Cast<byte, float>(_file.Bytes(weight)).ToArray();

    private static double[] Blocks(byte[] codes, float[] scales, long bits, int inputs, int block)
    {
        var blocks = (inputs + block - 1) / block;
        var outputs = scales.Length / blocks;
        var weights = new double[outputs * inputs];
        for (var row = 0; row < outputs; row++)
            for (var i = 0; i < inputs; i++)
            {
                var place = row * blocks * block + i;
                var code = bits == 8 ? codes[place] - 128 : (codes[place / 2] >> (place % 2 * 4) & 15) - 8;
                weights[row * inputs + i] = code * (double)scales[row * blocks + i / block];
            }
        return weights;
    }

    private static double[] Columns(byte[] codes, float[] scales)
    {
        var (outputs, inputs) = (scales.Length, codes.Length / scales.Length);
        var weights = new double[codes.Length];
        for (var row = 0; row < outputs; row++)
            for (var i = 0; i < inputs; i++)
                weights[row * inputs + i] = (sbyte)codes[i * outputs + row] * (double)scales[row];
        return weights;
    }
}
