using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>
/// The one task of an audio unit, which takes no second. It is set up when it is first needed, kept, and set up anew for other settings or when it
/// is gone. One user at a time, between <see cref="EnterAsync"/> and <see cref="Leave"/>.
/// </summary>
internal sealed class TaskSlot(IDeviceDialer dialer, DeviceTimeouts timeouts, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private UnitTask? _task;

    public Task EnterAsync(CancellationToken cancellation) => _turn.WaitAsync(cancellation);

    public void Leave() => _turn.Release();

    /// <summary>One inference; on a new task if the one that was kept turns out to be gone.</summary>
    /// <exception cref="DeviceException">It failed.</exception>
    public async IAsyncEnumerable<UnitDelta> InferAsync(TaskSetup setup, UnitInput input, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var wasKept = true; wasKept;)
        {
            wasKept = _task is { IsUsable: true } kept && kept.Setup == setup;
            if (!wasKept) await SetUpAsync(setup, cancellation);
            await using var parts = _task!.InferAsync(input, cancellation).GetAsyncEnumerator(cancellation);
            while (true)
            {
                try
                {
                    if (!await parts.MoveNextAsync()) yield break;
                }
                catch (DeviceException fault) when (wasKept && !fault.Received && fault.Fault is DeviceFault.TaskGone or DeviceFault.ConnectionLost)
                {
                    break;
                }
                yield return parts.Current;
            }
        }
    }

    /// <summary>Ends the task; it may be set up again afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await EnterAsync(CancellationToken.None);
        try
        {
            await EndAsync();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>What an engine's caller is told.</summary>
    public static EngineException Fault(DeviceException fault) => new(new(fault.Message, MayRetry: !fault.Received), fault);

    private async Task SetUpAsync(TaskSetup setup, CancellationToken cancellation)
    {
        await EndAsync();
        _task = await UnitTask.SetupAsync(dialer, setup, timeouts, time, logger, cancellation);
    }

    private async Task EndAsync()
    {
        if (_task is not null) await _task.ExitAsync();
        _task = null;
    }
}
