using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The operator <c>streamcore.RaggedAttention</c>: <c>qkv</c> float [T, (heads + 2 * kvHeads) * headSize] and <c>batch</c>
/// to float [T, heads * headSize]; attribute <c>layer</c>.
/// </summary>
internal static unsafe class RaggedAttentionOp
{
    public static void AddTo(nint domain)
    {
        var op = OwnOps.New();
        op->GetName = &GetName;
        op->GetInputType = &OwnOps.FloatThenTicket;
        op->CreateKernelV2 = &Create;
        op->KernelComputeV2 = &Compute;
        OwnOps.Api.CustomOpDomainAdd(domain, op);
    }

    /// <summary>A kernel, to ONNX Runtime an opaque pointer, is its layer's number plus one.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Create(OrtCustomOp* op, nint api, nint info, nint* kernel)
    {
        try
        {
            *kernel = checked((nint)OwnOps.Api.KernelInfoGetAttributeInt64(info, "layer") + 1);
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(OwnOps.Api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Compute(nint kernel, nint context)
    {
        var api = OwnOps.Api;
        try
        {
            var layer = (int)kernel - 1;
            var input = api.KernelContextGetInput(context, 0);
            var (parts, ticket) = OwnOps.Parts(context);
            var attention = parts.Attention;
            if ((uint)layer >= (uint)attention.LayerCount)
                throw new InvalidOperationException($"RaggedAttention: the cache has {attention.LayerCount} layers, the graph asks for layer {layer}");
            var shape = api.GetMatrixShape(input);
            if (shape != (attention.Rows, attention.Shape.InputWidth))
                throw new InvalidOperationException(
                    $"RaggedAttention: the input is [{shape.Rows}, {shape.Columns}] where [{attention.Rows}, {attention.Shape.InputWidth}] is right");
            var output = api.KernelContextGetOutput(context, 0, attention.Rows, attention.Shape.OutputWidth);
            attention.Run(
                layer, (float*)api.GetTensorMutableData(input), (float*)api.GetTensorMutableData(output), new OpWorkers(context, parts, ticket));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => OwnOps.Name("RaggedAttention\0"u8);
}
