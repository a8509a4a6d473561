using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamCore.Engines.Onnx.Attention;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The operator <c>streamcore.RaggedAttention</c>: <c>qkv</c> float [T, (heads + 2 * kvHeads) * headSize] and <c>batch</c> int64 [1],
/// a ticket from <see cref="Open"/>, to float [T, heads * headSize]; attribute <c>layer</c>. ONNX Runtime calls these methods on its
/// own threads; nothing thrown may leave them, so each turns it into a status.
/// </summary>
internal static unsafe class RaggedAttentionOp
{
    public const string Domain = "streamcore";

    private static readonly ConcurrentDictionary<long, RaggedAttention> Tickets = new();
    private static long _lastTicket;
    private static OrtApi _api = null!;

    /// <summary>Lets graphs reach an attention by the ticket that is given back.</summary>
    public static long Open(RaggedAttention attention)
    {
        var ticket = Interlocked.Increment(ref _lastTicket);
        Tickets[ticket] = attention;
        return ticket;
    }

    public static void Close(long ticket) => Tickets.TryRemove(ticket, out _);

    /// <summary>Makes the domain that holds the op. Both live as long as the process.</summary>
    public static nint Register(OrtApi api)
    {
        _api = api;
        var op = (OrtCustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(OrtCustomOp));
        op->Version = OrtApi.Version;
        op->GetName = &GetName;
        op->GetExecutionProviderType = &GetExecutionProviderType;
        op->GetInputType = &GetInputType;
        op->GetInputTypeCount = &Two;
        op->GetOutputType = &GetOutputType;
        op->GetOutputTypeCount = &One;
        op->KernelDestroy = &Destroy;
        op->GetInputCharacteristic = &Zero;
        op->GetOutputCharacteristic = &Zero;
        op->GetInputMemoryType = &Zero;
        op->GetVariadicInputMinArity = &OneOf;
        op->GetVariadicInputHomogeneity = &OneOf;
        op->GetVariadicOutputMinArity = &OneOf;
        op->GetVariadicOutputHomogeneity = &OneOf;
        op->CreateKernelV2 = &Create;
        op->KernelComputeV2 = &Compute;
        op->GetStartVersion = &OneOf;
        op->GetEndVersion = &LastVersion;
        var domain = api.CreateCustomOpDomain(Domain);
        api.CustomOpDomainAdd(domain, op);
        return domain;
    }

    /// <summary>A kernel, to ONNX Runtime an opaque pointer, is its layer's number plus one.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Create(OrtCustomOp* op, nint api, nint info, nint* kernel)
    {
        try
        {
            *kernel = checked((nint)_api.KernelInfoGetAttributeInt64(info, "layer") + 1);
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(_api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            var layer = (int)kernel - 1;
            var input = _api.KernelContextGetInput(context, 0);
            var ticket = *(long*)_api.GetTensorMutableData(_api.KernelContextGetInput(context, 1));
            if (!Tickets.TryGetValue(ticket, out var attention))
                throw new InvalidOperationException($"{Domain}.RaggedAttention: no step has the ticket {ticket}");
            if ((uint)layer >= (uint)attention.LayerCount)
                throw new InvalidOperationException($"{Domain}.RaggedAttention: the cache has {attention.LayerCount} layers, the graph asks for layer {layer}");
            var shape = _api.GetMatrixShape(input);
            if (shape != (attention.Rows, attention.Shape.InputWidth))
                throw new InvalidOperationException(
                    $"{Domain}.RaggedAttention: the input is [{shape.Rows}, {shape.Columns}] where [{attention.Rows}, {attention.Shape.InputWidth}] is right");
            var output = _api.KernelContextGetOutput(context, 0, attention.Rows, attention.Shape.OutputWidth);
            attention.Run(
                layer, (float*)_api.GetTensorMutableData(input), (float*)_api.GetTensorMutableData(output), new SessionWorkers(context, ticket));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.From(_api, error);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(nint ticket, nuint worker)
    {
        if (Tickets.TryGetValue(ticket, out var attention)) attention.Work((int)worker);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetName(OrtCustomOp* op) => (byte*)Unsafe.AsPointer(in MemoryMarshal.GetReference("RaggedAttention\0"u8));

    /// <summary>Null is the processor.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetExecutionProviderType(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static OrtElementType GetInputType(OrtCustomOp* op, nuint index) => index == 0 ? OrtElementType.Float : OrtElementType.Int64;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static OrtElementType GetOutputType(OrtCustomOp* op, nuint index) => OrtElementType.Float;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint One(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint Two(OrtCustomOp* op) => 2;

    /// <summary>Required, in default memory.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Zero(OrtCustomOp* op, nuint index) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OneOf(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LastVersion(OrtCustomOp* op) => int.MaxValue;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(nint kernel)
    {
    }

    /// <summary>The threads of the session that runs the op.</summary>
    private readonly struct SessionWorkers(nint context, long ticket) : IWorkers
    {
        public void Run(RaggedAttention attention, int count) => _api.KernelContextParallelFor(context, &Work, count, (nint)ticket);
    }
}
