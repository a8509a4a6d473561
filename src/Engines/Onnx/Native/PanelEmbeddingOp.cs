using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamCore.Engines.Onnx.Linear;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The operator <c>streamcore.PanelEmbedding</c>: <c>ids</c> int64 [T] and <c>batch</c> to float [T, inputs]; attributes as in
/// <see cref="LayerAttributes"/>, of the table as the weights of a head: its outputs are the vocabulary.
/// </summary>
internal static unsafe class PanelEmbeddingOp
{
    public static void AddTo(nint domain)
    {
        var op = OwnOps.New();
        op->GetName = &GetName;
        op->GetInputType = &OwnOps.IdsThenTicket;
        op->CreateKernelV2 = &LayerAttributes.CreateKernel;
        op->KernelComputeV2 = &Compute;
        op->KernelDestroy = &LayerAttributes.Destroy;
        OwnOps.Api.CustomOpDomainAdd(domain, op);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Compute(nint kernel, nint context)
    {
        var api = OwnOps.Api;
        try
        {
            var layer = *(LayerAttributes*)kernel;
            var linears = OwnOps.Parts(context).Parts.Linears
                ?? throw new InvalidOperationException("PanelEmbedding: the engine was made without its weights");
            var input = api.KernelContextGetInput(context, 0);
            var ids = new ReadOnlySpan<long>(api.GetTensorMutableData(input), checked((int)api.GetVectorLength(input)));
            var table = linears.Weights(layer.Weights, -1, layer.Inputs, layer.Outputs, layer.Bits);
            var output = api.KernelContextGetOutput(context, 0, ids.Length, layer.Inputs);
            LinearLayers.Embed(table, ids, (float*)api.GetTensorMutableData(output));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => OwnOps.Name("PanelEmbedding\0"u8);
}
