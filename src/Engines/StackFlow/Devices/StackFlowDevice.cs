using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// One device: whether it is in reach, what is installed on it, and its tasks. One loop connects, looks and pings.
/// <code>
/// Connecting --connected, models listed, leftovers ended--> Connected --lost or silent--> BackingOff (OutOfOrder after several)
///     ^                                                                                        |
///     +---------------------------------- the back-off is over: one probe --------------------+
/// </code>
/// </summary>
internal sealed class StackFlowDevice : IAsyncDisposable
{
    private readonly StackFlowOptions _options;
    private readonly OpenLines _dialer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Breaker _breaker;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _checked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;
    private volatile DeviceState _state;

    public StackFlowDevice(string name, StackFlowOptions options, IDeviceDialer dialer, TaskJournal journal, TimeProvider time, ILogger logger)
    {
        (_options, _dialer, _time, _logger) = (options, new OpenLines(dialer), time, logger);
        Name = name;
        _breaker = NewBreaker();
        Tasks = new TaskPool(_dialer, options.Timeouts, journal, time, logger, Check);
        foreach (var leftover in journal.Leftovers.Where(entry => entry.Device == dialer.Name)) Tasks.Leftovers.Add(leftover);
    }

    /// <summary>All models that the device has, each time it was asked. From the device's loop.</summary>
    public event Action<IReadOnlyList<ModelFacts>>? Discovered;

    /// <summary>As people call it.</summary>
    public string Name { get; }

    public DeviceState State => _state;

    public TaskPool Tasks { get; }

    /// <summary>Completes when it is connected, or has failed once.</summary>
    public Task Tried => _tried.Task;

    public Breaker NewBreaker() => new(_time, _options.FirstBackOff, _options.MaxBackOff, _options.FailuresUntilOpen);

    public void Start() => _loop = LoopAsync();

    /// <summary>Something failed: looks at once whether the device is in reach.</summary>
    public void Check() => _checked.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await Tasks.DisposeAsync().ConfigureAwait(false);
        await _dialer.HangUpAsync().ConfigureAwait(false);
        await SweepLastAsync().ConfigureAwait(false);
        await _dialer.DisposeAsync().ConfigureAwait(false);
        Tasks.Leftovers.Dispose();
        _tried.TrySetResult();
        _stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (DeviceException fault)
            {
                Failed(fault);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                Log.LoopBroke(_logger, fault, Name);
                throw;
            }

            _tried.TrySetResult();
            await Task.Delay(_breaker.Wait, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Connects, and stays so until the connection is lost, which it throws.</summary>
    private async Task ConnectAsync(CancellationToken stopping)
    {
        await using var control = await DeviceControl.OpenAsync(_dialer, _options.Timeouts, _time, _logger, stopping).ConfigureAwait(false);
        await control.PingAsync(stopping).ConfigureAwait(false);
        var models = await DiscoverAsync(control, stopping).ConfigureAwait(false);
        Tasks.Leftovers.ForgetOthers();
        await Tasks.Leftovers.SweepAsync(control, stopping).ConfigureAwait(false);

        _breaker.Succeeded();
        _state = DeviceState.Connected;
        Tasks.Resume(control);
        Log.Connected(_logger, Name, models);
        _tried.TrySetResult();
        await WatchAsync(control, stopping).ConfigureAwait(false);
    }

    private async Task WatchAsync(DeviceControl control, CancellationToken stopping)
    {
        var looked = _time.GetTimestamp();
        while (true)
        {
            await WaitAsync(control, stopping).ConfigureAwait(false);
            _checked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await control.PingAsync(stopping).ConfigureAwait(false);
            if (_time.GetElapsedTime(looked) >= _options.DiscoveryInterval)
            {
                await DiscoverAsync(control, stopping).ConfigureAwait(false);
                looked = _time.GetTimestamp();
            }

            if (!Tasks.Leftovers.IsEmpty) await Tasks.Leftovers.SweepAsync(control, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Until the next ping is due, the connection is lost, or something failed.</summary>
    private async Task WaitAsync(DeviceControl control, CancellationToken stopping)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var due = Task.Delay(_options.PingInterval, _time, waiting.Token);
        await Task.WhenAny(due, control.Closed, _checked.Task).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
    }

    /// <summary>Tasks that did not confirm their end, and those of setups that were given up. What cannot be done now stays in the journal.</summary>
    private async Task SweepLastAsync()
    {
        await Tasks.Leftovers.WatchedAsync().ConfigureAwait(false);
        if (Tasks.Leftovers.IsEmpty) return;
        try
        {
            await using var control = await DeviceControl.OpenAsync(_dialer, _options.Timeouts, _time, _logger, CancellationToken.None).ConfigureAwait(false);
            await Tasks.Leftovers.SweepAsync(control, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DeviceException fault)
        {
            Log.LeftoversStay(_logger, Name, fault.Message);
        }
    }

    private async Task<int> DiscoverAsync(DeviceControl control, CancellationToken stopping)
    {
        var installed = await control.ListModelsAsync(stopping).ConfigureAwait(false);
        ModelFacts[] facts = [.. installed.Select(ModelFacts.Of).OfType<ModelFacts>()];
        Discovered?.Invoke(facts);
        return facts.Length;
    }

    private void Failed(DeviceException fault)
    {
        var wasConnected = _state == DeviceState.Connected;
        var isOpen = _breaker.Failed();
        _state = _breaker.State == BreakerState.Open ? DeviceState.OutOfOrder : DeviceState.BackingOff;
        Tasks.Suspend();
        if (wasConnected || isOpen) Log.Lost(_logger, Name, fault.Message);
        else Log.StillLost(_logger, Name, _breaker.Wait, fault.Message);
    }
}

/// <summary>See <see cref="StackFlowDevice"/>.</summary>
internal enum DeviceState
{
    Connecting = 0,
    Connected,
    BackingOff,
    OutOfOrder,
}
