using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamCore.Engines.Onnx.Linear;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The operator <c>streamcore.PanelLinear</c>: <c>x</c> float [T, inputs] and <c>batch</c> to float [T, outputs]; attributes as in
/// <see cref="LayerAttributes"/>.
/// </summary>
internal static unsafe class PanelLinearOp
{
    public static void AddTo(nint domain)
    {
        var op = OwnOps.New();
        op->GetName = &GetName;
        op->GetInputType = &OwnOps.FloatThenTicket;
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
            var (parts, ticket) = OwnOps.Parts(context);
            var linears = parts.Linears ?? throw new InvalidOperationException("PanelLinear: the engine was made without its weights");
            var input = api.KernelContextGetInput(context, 0);
            var shape = api.GetMatrixShape(input);
            if (shape.Columns != layer.Inputs)
                throw new InvalidOperationException($"PanelLinear: the input is [{shape.Rows}, {shape.Columns}] where {layer.Inputs} columns are right");
            var output = api.KernelContextGetOutput(context, 0, shape.Rows, layer.Outputs);
            var call = new LinearCall
            {
                Input = (float*)api.GetTensorMutableData(input),
                Output = (float*)api.GetTensorMutableData(output),
                Rows = checked((int)shape.Rows),
                Weights = linears.Weights(layer.Weights, layer.Bias, layer.Inputs, layer.Outputs, layer.Bits),
                Gate = layer.Gate < 0 ? default : linears.Weights(layer.Gate, layer.GateBias, layer.Inputs, layer.Outputs, layer.Bits),
            };
            linears.Run(call, new OpWorkers(context, parts, ticket));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => OwnOps.Name("PanelLinear\0"u8);
}
