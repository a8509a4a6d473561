using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The operators of the domain <c>streamcore</c>. Each has two inputs, the second of which is <c>batch</c> int64 [1], a ticket from
/// <see cref="Open"/> by which it finds its engine, and one output, float. ONNX Runtime calls these methods on its own threads; nothing thrown
/// may leave them, so each turns it into a status.
/// </summary>
internal static unsafe class OwnOps
{
    public const string Domain = "streamcore";

    private static readonly ConcurrentDictionary<long, OwnParts> Tickets = new();
    private static long _lastTicket;

    public static OrtApi Api { get; private set; } = null!;

    /// <summary>Lets graphs reach an engine's parts by the ticket that is given back.</summary>
    public static long Open(OwnParts parts)
    {
        var ticket = Interlocked.Increment(ref _lastTicket);
        Tickets[ticket] = parts;
        return ticket;
    }

    public static void Close(long ticket) => Tickets.TryRemove(ticket, out _);

    /// <summary>The parts of the engine that a kernel runs for, and its ticket.</summary>
    public static (OwnParts Parts, long Ticket) Parts(nint context)
    {
        var ticket = *(long*)Api.GetTensorMutableData(Api.KernelContextGetInput(context, 1));
        return Tickets.TryGetValue(ticket, out var parts)
            ? (parts, ticket)
            : throw new InvalidOperationException($"no engine has the ticket {ticket}");
    }

    /// <summary>The parts that a ticket stands for, while its engine lives.</summary>
    public static OwnParts? Find(nint ticket) => Tickets.GetValueOrDefault(ticket);

    /// <summary>Makes the domain with all operators. It and they live as long as the process.</summary>
    public static nint Register(OrtApi api)
    {
        Api = api;
        var domain = api.CreateCustomOpDomain(Domain);
        RaggedAttentionOp.AddTo(domain);
        PanelLinearOp.AddTo(domain);
        PanelEmbeddingOp.AddTo(domain);
        return domain;
    }

    /// <summary>An operator with what is alike in all; its name, its kernel and the type of its first input are to be set.</summary>
    public static OrtCustomOp* New()
    {
        var op = (OrtCustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(OrtCustomOp));
        op->Version = OrtApi.Version;
        op->GetExecutionProviderType = &GetExecutionProviderType;
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
        op->GetStartVersion = &OneOf;
        op->GetEndVersion = &LastVersion;
        return op;
    }

    /// <summary>The name of an operator, as text that ends with a zero and lies in the program's own data.</summary>
    public static byte* Name(ReadOnlySpan<byte> constant) => (byte*)Unsafe.AsPointer(in MemoryMarshal.GetReference(constant));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static OrtElementType FloatThenTicket(OrtCustomOp* op, nuint index) => index == 0 ? OrtElementType.Float : OrtElementType.Int64;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static OrtElementType IdsThenTicket(OrtCustomOp* op, nuint index) => OrtElementType.Int64;

    /// <summary>Null is the processor.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* GetExecutionProviderType(OrtCustomOp* op) => null;

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

    /// <summary>Kernels are numbers: there is nothing to free.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(nint kernel)
    {
    }
}
