using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// A task of a model for one request: rented when it is first used, kept for all inferences of the request, and given back at the end. One that
/// turns out to be gone is replaced, once for each inference, as long as nothing of that inference was received. One user at a time.
/// </summary>
/// <param name="forgets">Whether a task keeps the conversation and must forget the one before, for whose that was is not known.</param>
internal sealed class TaskLease(StackFlowDevice device, PooledModel model, TaskSetup setup, bool forgets = false) : IAsyncDisposable
{
    private DeviceTask? _task;
    private IAsyncEnumerator<UnitDelta>? _deltas;
    private bool _wasReplaced;

    /// <summary>Runs one inference and yields its parts. Whoever does not read to the end disposes of the lease, which stops the device.</summary>
    /// <exception cref="EngineException">The device cannot go on.</exception>
    public async IAsyncEnumerable<UnitDelta> InferAsync(UnitInput input, [EnumeratorCancellation] CancellationToken cancellation)
    {
        _wasReplaced = false;
        // The device is paused before the lease is disposed of.
        using var leaving = cancellation.UnsafeRegister(static lease => ((TaskLease)lease!).Leaving(), this);
        while (await NextAsync(input, cancellation).ConfigureAwait(false) is { } delta) yield return delta;
    }

    /// <summary>Stops the device if it still runs, and gives the task back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_task is not { } task) return;
        _task = null;
        device.Tasks.Stopping(task);
        try
        {
            if (_deltas is not null) await _deltas.DisposeAsync().ConfigureAwait(false);
        }
        catch (DeviceException)
        {
            device.Check(); // the task says itself that it is not usable
        }
        finally
        {
            _deltas = null;
            device.Tasks.Return(task);
        }
    }

    private void Leaving()
    {
        if (_task is { } task) device.Tasks.Stopping(task);
    }

    /// <summary>The next part; null at the end.</summary>
    private async ValueTask<UnitDelta?> NextAsync(UnitInput input, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                if (_deltas is null) await BeginAsync(input, cancellation).ConfigureAwait(false);
                if (await _deltas!.MoveNextAsync().ConfigureAwait(false)) return _deltas.Current;
                // The exit of a task ends its answer as if it were whole.
                if (device.Tasks.IsEnding(_task!)) throw TaskPool.Fault($"{device.Name}: its tasks are being ended.");
                _deltas = null;
                return null;
            }
            catch (DeviceException fault)
            {
                await DisposeAsync().ConfigureAwait(false);
                if (fault.Fault is DeviceFault.ConnectionLost or DeviceFault.Silent) device.Check();
                if (fault.IsSilentTwice && input.MayBeUnanswered) return null;
                var isGone = fault.Fault is DeviceFault.TaskGone or DeviceFault.ConnectionLost;
                if (!isGone || fault.Received || _wasReplaced) throw TaskPool.Fault(fault.Message, fault);
                _wasReplaced = true;
            }
        }
    }

    private async ValueTask BeginAsync(UnitInput input, CancellationToken cancellation)
    {
        // An inference that ended well may have made it unusable for the next one.
        if (_task is { Unit.IsUsable: false }) await DisposeAsync().ConfigureAwait(false);
        if (_task is null)
        {
            _task = await device.Tasks.RentAsync(model, setup, cancellation).ConfigureAwait(false);
            if (forgets) await _task.Unit.ResetContextAsync(cancellation).ConfigureAwait(false);
        }

        _deltas = _task.Unit.InferAsync(input, cancellation).GetAsyncEnumerator(cancellation);
    }
}
