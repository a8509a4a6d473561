using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator;

/// <summary>
/// A StackFlow device in this process: it listens on a socket, takes connections in memory too, and behaves as the real one does,
/// with the faults that are switched on. Everything it does happens on one loop, in the order of arrival and of the clock.
/// </summary>
public sealed class SimulatedDevice : IAsyncDisposable
{
    private const int KeptGenerations = 10_000;
    private const int KeptMistakes = 1_000;

    private readonly SimulatorOptions _options;
    private readonly Chances _chances;
    private readonly Lock _gate = new();
    private readonly Queue<SimulatedGeneration> _generations = new();
    private readonly Queue<string> _mistakes = new();
    private readonly List<(Func<SimulatedDevice, bool> Holds, TaskCompletionSource Source)> _conditions = [];
    private Listener? _listener;
    private Life? _life;

    private SimulatedDevice(SimulatorOptions options)
    {
        _options = options;
        _chances = new(options.Seed);
        Faults = options.Faults;
        EndPoint = new(options.Address, options.Port);
        PowerOn();
    }

    /// <summary>Where it listens; the same after a restart.</summary>
    public IPEndPoint EndPoint { get; private set; }

    /// <summary>The faults that are on; may be changed at any time.</summary>
    public Faults Faults { get; set; }

    /// <summary>Connections that it holds open.</summary>
    public int Connections => Read(static life => life.Front.Connections.Count, 0);

    public IReadOnlyList<SimulatedTask> Tasks => Read(
        static life => life.Units.SelectMany(unit => unit.Tasks.Select(task => new SimulatedTask(task.WorkId, unit.Name, task.Settings.Model.Name, task.IsBusy))).ToArray(), []);

    /// <summary>The generations it has begun, oldest first, at most the last 10,000.</summary>
    public IReadOnlyList<SimulatedGeneration> Generations
    {
        get
        {
            lock (_gate) return [.. _generations];
        }
    }

    /// <summary>What clients did that no client should do (an inference while another runs, a task named from another connection, braces
    /// that do not match and the like), a sentence each; at most the last 1,000.</summary>
    public IReadOnlyList<string> Mistakes
    {
        get
        {
            lock (_gate) return [.. _mistakes];
        }
    }

    internal Network Network { get; } = new();

    public static SimulatedDevice Start(SimulatorOptions options) => new(options);

    /// <summary>A connection without a network. Waits while the device is unplugged, and fails as a refused one while it is dead.</summary>
    public async ValueTask<DeviceLine> ConnectAsync(CancellationToken cancellation = default)
    {
        await Network.Plugged.WaitAsync(cancellation).ConfigureAwait(false);
        var life = Volatile.Read(ref _life) ?? throw new SocketException((int)SocketError.ConnectionRefused);
        var options = new PipeOptions(readerScheduler: _options.Scheduler, writerScheduler: _options.Scheduler, pauseWriterThreshold: 0, useSynchronizationContext: false);
        var (toDevice, toClient) = (new Pipe(options), new Pipe(options));
        Accept(life, new Side(toDevice.Reader, toClient.Writer), () =>
        {
            toDevice.Reader.CancelPendingRead();
            toClient.Writer.Complete();
        });
        return new(toClient.Reader, toDevice.Writer);
    }

    /// <summary>Completes when the condition holds; it is looked at after everything the device does.</summary>
    public Task UntilAsync(Func<SimulatedDevice, bool> condition)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _conditions.Add((condition, source));
        Rested();
        return source.Task;
    }

    /// <summary>Power off: connections break, new ones are refused, everything it knew is gone.</summary>
    public void Kill()
    {
        _listener?.Dispose();
        _listener = null;
        Interlocked.Exchange(ref _life, null)?.Dispose();
        Rested();
    }

    /// <summary>Power on again, after <see cref="Kill"/> or instead of it: no tasks, numbers from 1000.</summary>
    public void Restart()
    {
        Kill();
        PowerOn();
    }

    /// <summary>llm_sys alone starts again: connections break, numbers start from 1000; the units keep their tasks and what they run,
    /// and may write to a new connection what was meant for an old one of its number.</summary>
    public void RestartFront() => Post(static life => life.RestartFront());

    /// <summary>A unit's process dies, and starts again empty after the pace's time for that.</summary>
    public void CrashUnit(string unit) => Post(life => life.UnitOf(unit)?.Crash());

    /// <summary>It stands still: bytes and connections are accepted, nothing is done.</summary>
    public void Freeze() => _life?.Loop.Hold();

    /// <summary>It goes on, with all that arrived and fell due meanwhile.</summary>
    public void Thaw() => _life?.Loop.Release();

    /// <summary>The network cable is pulled: nothing arrives in either direction, nobody is told. A connection over a socket still
    /// opens, since the system accepts it, and is as silent.</summary>
    public void Unplug() => Network.Unplug();

    /// <summary>What was held back in both directions arrives.</summary>
    public void Plug() => Network.Plug();

    public ValueTask DisposeAsync()
    {
        Network.Plug();
        Kill();
        return default;
    }

    internal void Began(SimulatedGeneration generation) => Keep(_generations, generation, KeptGenerations);

    internal void Mistake(string sentence) => Keep(_mistakes, sentence, KeptMistakes);

    /// <summary>Something has happened; conditions may hold now.</summary>
    internal void Rested()
    {
        List<(Func<SimulatedDevice, bool> Holds, TaskCompletionSource Source)> conditions;
        lock (_gate)
        {
            if (_conditions.Count == 0) return;
            conditions = [.. _conditions];
        }

        foreach (var condition in conditions.Where(condition => condition.Holds(this)))
        {
            condition.Source.TrySetResult();
            lock (_gate) _conditions.Remove(condition);
        }
    }

    /// <summary>The verb reset: once it is answered all processes end, and start again after a while.</summary>
    internal void RestartServices(Life life)
    {
        life.Front.End();
        life.Loop.Afterwards(() => _ = RestartLaterAsync(life));
    }

    private async Task RestartLaterAsync(Life life)
    {
        if (Interlocked.CompareExchange(ref _life, null, life) != life) return;
        _listener?.Dispose();
        life.Dispose();
        Rested();
        await Task.Delay(_options.Pace.DeviceRestart, _options.Time).ConfigureAwait(false);
        if (_life is null) PowerOn();
    }

    private void PowerOn()
    {
        var life = new Life(this, _options, _chances);
        Volatile.Write(ref _life, life);
        _listener = new(EndPoint, (pipe, cut) => Accept(life, pipe, cut));
        EndPoint = _listener.EndPoint;
    }

    private static void Accept(Life life, IDuplexPipe pipe, Action cut) => life.Loop.Post(() => life.Front.Accept(pipe, cut));

    private void Post(Action<Life> work)
    {
        if (Volatile.Read(ref _life) is { } life) life.Loop.Post(() => work(life));
    }

    private T Read<T>(Func<Life, T> read, T otherwise) => Volatile.Read(ref _life) is { } life ? life.Loop.Read(() => read(life)) : otherwise;

    private void Keep<T>(Queue<T> queue, T item, int most)
    {
        lock (_gate)
        {
            if (queue.Count == most) queue.Dequeue();
            queue.Enqueue(item);
        }
    }

    private sealed record Side(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
