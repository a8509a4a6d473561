using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamCore.Engines.Import.Graph;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>What a graph's node says of the weights it works with: where they lie in the data file, and what they are. To ONNX Runtime
/// a pointer to it is the node's kernel.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LayerAttributes
{
    public long Weights;

    /// <summary>Where the bias lies; -1 where there is none.</summary>
    public long Bias;

    /// <summary>Where the weights of the gate lie; -1 where the layer has none.</summary>
    public long Gate;

    /// <summary>Where the gate's bias lies; -1 where there is none.</summary>
    public long GateBias;
    public int Inputs;
    public int Outputs;
    public int Bits;

    /// <summary>Reads a node's attributes; <see cref="Destroy"/> gives the memory back.</summary>
    /// <exception cref="OrtException">One is missing.</exception>
    /// <exception cref="InvalidOperationException">No layer can be so.</exception>
    public static LayerAttributes* Create(OrtApi api, nint info)
    {
        var read = new LayerAttributes
        {
            Weights = Number(PanelLinears.WeightsAttribute),
            Bias = Number(PanelLinears.BiasAttribute),
            Gate = Number(PanelLinears.GateAttribute),
            GateBias = Number(PanelLinears.GateBiasAttribute),
            Inputs = checked((int)Number(PanelLinears.InputsAttribute)),
            Outputs = checked((int)Number(PanelLinears.OutputsAttribute)),
            Bits = checked((int)Number(PanelLinears.BitsAttribute)),
        };
        if (read.Bits is not (4 or 8) || read.Inputs <= 0 || read.Outputs <= 0)
            throw new InvalidOperationException($"there is no layer with {read.Inputs} inputs, {read.Outputs} outputs and weights of {read.Bits} bits");
        var kernel = (LayerAttributes*)NativeMemory.Alloc((nuint)sizeof(LayerAttributes));
        *kernel = read;
        return kernel;

        long Number(string name) => api.KernelInfoGetAttributeInt64(info, name);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static nint CreateKernel(OrtCustomOp* op, nint api, nint info, nint* kernel)
    {
        try
        {
            *kernel = (nint)Create(OwnOps.Api, info);
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(OwnOps.Api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Destroy(nint kernel) => NativeMemory.Free((void*)kernel);
}
