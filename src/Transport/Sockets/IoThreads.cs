using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace StreamCore.Transport.Sockets;

/// <summary>
/// The runtime's socket threads. With <see cref="ServeOnThem"/> a completed receive is continued on the thread that learned of it, and a
/// small request is read and answered there, without waking another thread. What may take longer than that leaves first: these few
/// threads carry all sockets. A thread of the pool is none of them, so where the switch is off all of this does nothing.
/// </summary>
public static class IoThreads
{
    private const string InlineSwitch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
    private const string CountSwitch = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";

    /// <summary>The runtime would take one a core. Fewer find more to do at each wake: on two cores, one thread takes 0.83 of the time of two a small request.</summary>
    private const int CoresPerThread = 8;

    /// <summary>
    /// Sets the runtime's own switches, unless its user has; they take effect if no socket was used before, on Unix. They hold for every
    /// socket of the process: only for a program whose code never blocks after awaiting one.
    /// </summary>
    public static void ServeOnThem()
    {
        Set(InlineSwitch, 1);
        Set(CountSwitch, Math.Max(1, Environment.ProcessorCount / CoresPerThread));
    }

    /// <summary>Runs at once on a socket thread, and on the pool when told from there.</summary>
    internal static PipeScheduler Scheduler { get; } = new SendScheduler();

    /// <summary>To be awaited before work that is not short.</summary>
    internal static Departure LeaveAsync() => default;

    private static void Set(string name, int value)
    {
        if (Environment.GetEnvironmentVariable(name) is null) Environment.SetEnvironmentVariable(name, value.ToString(CultureInfo.InvariantCulture));
    }

    private sealed class SendScheduler : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state)
        {
            // Preferred by the thread that flushed: streams that all get a token at once are sent one by one, instead of all waiting
            // with a buffer for the last to be flushed (12.2 kB a stream instead of 15.6).
            if (Thread.CurrentThread.IsThreadPoolThread) System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: true);
            else action(state);
        }
    }

    /// <summary>Continues on a thread of the pool.</summary>
    internal readonly struct Departure : ICriticalNotifyCompletion
    {
        public bool IsCompleted => Thread.CurrentThread.IsThreadPoolThread;

        public Departure GetAwaiter() => this;

        public void GetResult() { }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) =>
            ThreadPool.UnsafeQueueUserWorkItem(static continuation => continuation(), continuation, preferLocal: false);
    }
}
