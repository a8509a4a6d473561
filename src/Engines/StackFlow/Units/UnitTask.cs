using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>
/// A task on a device: a loaded model, with a connection of its own, that runs one inference at a time. One caller at a time, but for
/// <see cref="ExitAsync"/> and the properties.
/// </summary>
internal sealed class UnitTask : IAsyncDisposable
{
    private readonly DeviceConnection _connection;
    private readonly DeviceTimeouts _timeouts;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private bool _isBusy;
    private Task<bool>? _exit;

    private UnitTask(DeviceConnection connection, TaskSetup setup, string workId, DeviceTimeouts timeouts, ILogger logger)
    {
        _connection = connection;
        _timeouts = timeouts;
        _logger = logger;
        Setup = setup;
        WorkId = workId;
    }

    /// <summary>
    /// Connects, sets the task up and waits until inferences will reach it. Seconds to minutes. A setup that is given up, by its timeout or
    /// <paramref name="cancellation"/>, is watched until it ends, and its task is ended then.
    /// </summary>
    /// <exception cref="DeviceException">No task.</exception>
    public static async Task<UnitTask> SetupAsync(
        IDeviceDialer dialer, TaskSetup setup, DeviceTimeouts timeouts, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var connection = await DeviceConnection.OpenAsync(dialer, timeouts.Connect, time, logger, cancellation);
        var task = new UnitTask(connection, setup, await LoadAsync(connection, setup, timeouts, logger, cancellation), timeouts, logger);
        await task.SettleAsync(cancellation);
        return task;
    }

    public TaskSetup Setup { get; }

    /// <summary>Such as <c>llm.1002</c>. Unique only until the device restarts.</summary>
    public string WorkId { get; }

    /// <summary>Says whether another task of the unit is being set up, behind which control calls wait. For who sets several up.</summary>
    public Func<bool> IsUnitLoading { get; set; } = static () => false;

    /// <summary>Whether it has its connection yet, so that it must not be named from another.</summary>
    public bool HasConnection => _connection.IsOpen;

    /// <summary>Whether it can run another inference. Once false it stays so, and the task is being ended.</summary>
    public bool IsUsable
    {
        get
        {
            lock (_gate) return _exit is null && _connection.IsOpen;
        }
    }

    /// <summary>
    /// Runs one inference and yields its parts until its end. Whoever stops reading disposes of the enumerator, which pauses the device
    /// until it has stopped; afterwards the task can be used again, or is not usable. Where nothing came in time it is tried a second time.
    /// Text that the units do not answer (none at all, "None") or take for a command ("reset") is sent with a space.
    /// </summary>
    /// <exception cref="DeviceException">It failed, or the task is being ended; <see cref="IsUsable"/> says whether it can still be used.</exception>
    /// <exception cref="InvalidOperationException">The task is busy.</exception>
    public IAsyncEnumerable<UnitDelta> InferAsync(UnitInput input, CancellationToken cancellation) =>
        RunAsync(InferenceRequests.Of(Setup.Unit, input), cancellation);

    /// <summary>Makes a context model forget the conversation. Only for those: others would answer the word.</summary>
    public async Task ResetContextAsync(CancellationToken cancellation)
    {
        await foreach (var _ in RunAsync(InferenceRequests.Reset(Setup.Unit), cancellation))
        {
        }
    }

    /// <summary>
    /// Ends the task on the device, then closes its connection; the same however often it is asked for. True when the device has confirmed it:
    /// else the task may still be there, to be ended by <see cref="DeviceControl.ExitTaskAsync"/> once its connection is closed.
    /// </summary>
    public Task<bool> ExitAsync()
    {
        lock (_gate) return _exit ??= EndAsync();
    }

    /// <summary>As <see cref="ExitAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await ExitAsync();

    private async IAsyncEnumerable<UnitDelta> RunAsync(
        IReadOnlyList<InferenceRequest> requests, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Claim();
        using var inference = new Inference(_connection, WorkId, Setup.Unit, requests, _timeouts, IsUnitLoading, _logger);
        try
        {
            while (await inference.NextAsync(cancellation) is { } delta) yield return delta;
        }
        finally
        {
            var isUsable = await inference.EndAsync();
            lock (_gate) _isBusy = false;
            // Not waited for: whoever asked has the answer, or the fault.
            if (!isUsable) _ = ExitAsync();
        }
    }

    private void Claim()
    {
        lock (_gate)
        {
            if (_exit is not null) throw new DeviceException(DeviceFault.TaskGone, $"{_connection.DeviceName}: {WorkId} is being ended.");
            if (_isBusy) throw new InvalidOperationException($"{WorkId} is busy.");
            _isBusy = true;
        }
    }

    /// <summary>The id of a new task. Where there is none, the connection is closed, or watched.</summary>
    private static async Task<string> LoadAsync(
        DeviceConnection connection, TaskSetup setup, DeviceTimeouts timeouts, ILogger logger, CancellationToken cancellation)
    {
        var call = connection.Call(setup.Unit.Name);
        try
        {
            await call.SendAsync("setup", setup.Unit.Name + ".setup", SetupSettings.Of(setup), timeouts.Control, cancellation);
            var workId = WorkIdOf(connection, setup, await call.NextAsync(timeouts.Setup, cancellation));
            call.Dispose();
            return workId;
        }
        catch (DeviceException fault) when (fault.Fault != DeviceFault.Silent)
        {
            await connection.DisposeAsync();
            throw;
        }
        catch (DeviceException fault)
        {
            // It may become a task yet.
            throw new DeviceException(fault.Fault, fault.Message, fault) { Late = EndLateTaskAsync(connection, call, setup, timeouts, logger) };
        }
        catch (OperationCanceledException)
        {
            _ = EndLateTaskAsync(connection, call, setup, timeouts, logger);
            throw;
        }
    }

    /// <summary>An inference that is sent at once may be published before the task listens.</summary>
    private async Task SettleAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(_timeouts.Settle, _connection.Time, cancellation);
        }
        catch (OperationCanceledException)
        {
            _ = ExitAsync();
            throw;
        }
    }

    private async Task<bool> EndAsync()
    {
        var confirmed = false;
        try
        {
            confirmed = await TaskCalls.ExitAsync(_connection, WorkId, _timeouts.Exit, CancellationToken.None);
        }
        catch (DeviceException)
        {
            // Not confirmed.
        }
        await _connection.DisposeAsync();
        Log.Exited(_logger, _connection.DeviceName, WorkId, confirmed);
        return confirmed;
    }

    private static string WorkIdOf(DeviceConnection connection, TaskSetup setup, Reply reply)
    {
        if (reply.Code != 0) throw DeviceException.Of(connection.DeviceName, reply);
        return reply.WorkId.StartsWith(setup.Unit.Name + ".", StringComparison.Ordinal)
            ? reply.WorkId
            : throw new DeviceException(DeviceFault.SetupFailed, $"{connection.DeviceName}: a setup of {setup.Model} was answered without a task.");
    }

    private static async Task<bool> EndLateTaskAsync(DeviceConnection connection, Exchange call, TaskSetup setup, DeviceTimeouts timeouts, ILogger logger)
    {
        var isGone = false;
        try
        {
            using (call)
            {
                var workId = WorkIdOf(connection, setup, await call.NextAsync(timeouts.LateSetup, CancellationToken.None));
                isGone = await TaskCalls.ExitAsync(connection, workId, timeouts.Exit, CancellationToken.None);
                if (isGone) Log.LateTaskEnded(logger, connection.DeviceName, setup.Model, workId);
            }
        }
        catch (DeviceException fault)
        {
            isGone = fault.Fault is not (DeviceFault.Silent or DeviceFault.ConnectionLost);
        }
        await connection.DisposeAsync();
        return isGone;
    }
}
