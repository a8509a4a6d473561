using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The threads that share an operator's work: the engine's own where all of its graph's work is in operators of ours, else those of the session,
/// whose other operators need them.
/// </summary>
internal readonly unsafe struct OpWorkers(nint context, OwnParts parts, long ticket) : IWorkers
{
    public void Run(IParallelWork work, int count)
    {
        if (parts.Workers is { } own)
        {
            own.Run(work, count);
            return;
        }
        parts.Running = work;
        OwnOps.Api.KernelContextParallelFor(context, &Work, count, (nint)ticket);
        parts.Running = null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Work(nint ticket, nuint worker) => OwnOps.Find(ticket)?.Running?.Work((int)worker);
}
