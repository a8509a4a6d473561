using System.Text;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>One generation on one device: rents a task, reads its answer, and gives the task back.</summary>
internal sealed class DeviceAnswer(
    StackFlowDevice device, PooledModel pooled, SessionModel model, TaskSetup setup, UnitInput input, int promptTokens) : IAsyncDisposable
{
    /// <summary>A stream that ends by length loses up to two tokens, and the last delta may have fewer than three.</summary>
    private const int TokensUnseen = 3;

    private readonly EndMarkerCut _cut = new(model.EndMarkers);
    private DeviceTask? _task;
    private IAsyncEnumerator<UnitDelta>? _deltas;
    private int _tokens, _untold;
    private bool _hasRetried;

    /// <summary>The next piece; the last has a reason to finish.</summary>
    /// <exception cref="EngineException">The device cannot go on.</exception>
    public async ValueTask<SessionPiece> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (await ReadAsync(cancellation).ConfigureAwait(false) is not { } delta)
                return Piece(_cut.End(), IsUsedUp() ? FinishReason.Length : FinishReason.Stop);

            var bytes = Encoding.UTF8.GetBytes(delta.Text);
            var tokens = model.CountDelta(bytes);
            (_tokens, _untold) = (_tokens + tokens, _untold + tokens);
            var text = _cut.Append(bytes);
            if (_cut.HasEnded) return Piece(text, FinishReason.Stop);
            if (!text.IsEmpty) return Piece(text, FinishReason.None);
        }
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

    /// <summary>The next delta; null at the end. A task that turns out to be gone is set up again, once, as long as it has said nothing.</summary>
    private async ValueTask<UnitDelta?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                if (_deltas is null) await BeginAsync(cancellation).ConfigureAwait(false);
                if (await _deltas!.MoveNextAsync().ConfigureAwait(false)) return _deltas.Current;
                // The exit of a task ends its answer as if it were whole.
                return !device.Tasks.IsEnding(_task!) ? null : throw Fault("its tasks are being ended");
            }
            catch (DeviceException fault)
            {
                await DisposeAsync().ConfigureAwait(false);
                if (fault.Fault is DeviceFault.ConnectionLost or DeviceFault.Silent) device.Check();
                var isGone = fault.Fault is DeviceFault.TaskGone or DeviceFault.ConnectionLost;
                if (!isGone || fault.Received || _tokens > 0 || _hasRetried)
                    throw Fault(fault.Message, fault);
                _hasRetried = true;
            }
        }
    }

    private async ValueTask BeginAsync(CancellationToken cancellation)
    {
        _task = await device.Tasks.RentAsync(pooled, setup, cancellation).ConfigureAwait(false);
        // Whose conversation the task has in mind is not known: each request brings its whole history.
        if (model.IsContextModel) await _task.Unit.ResetContextAsync(cancellation).ConfigureAwait(false);
        _deltas = _task.Unit.InferAsync(input, cancellation).GetAsyncEnumerator(cancellation);
    }

    /// <summary>Whether the device's own limit of prompt and answer was reached, as well as can be told: the device does not say. Context
    /// models have none: they forget.</summary>
    private bool IsUsedUp() => !model.IsContextModel && promptTokens + _tokens + TokensUnseen >= model.MaxContextTokens;

    private EngineException Fault(string what, Exception? inner = null) => new(new EngineFault($"Device {device.Name}: {what}", MayRetry: true), inner);

    private SessionPiece Piece(ReadOnlyMemory<byte> text, FinishReason reason)
    {
        var tokens = _untold;
        _untold = 0;
        return new SessionPiece(text, tokens, reason);
    }
}
