using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

/// <summary>A pool over simulated devices, connected in memory. Waits are short, and those that no test wants to end are long.</summary>
internal sealed class PoolBench : IAsyncDisposable
{
    public const string Model = "qwen2.5-0.5B-p256-ax630c";
    public const string Other = "qwen3-0.6B-ax630c";
    public const string Large = "llama3.2-1B-p256-ax630c";
    public const string Contextual = "qwen2.5-HA-0.5B-ctx-ax630c";
    public const string Vision = "internvl2.5-1B-364-ax630c";
    public const string Neutral = "You are a helpful assistant.";

    /// <summary>Only a test that would hang ever waits this long.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private PoolBench(StackFlowPool pool, SimulatedDevice[] devices) => (Pool, Devices) = (pool, devices);

    public StackFlowPool Pool { get; }

    public SimulatedDevice[] Devices { get; }

    public SimulatedDevice Device => Devices[0];

    public DeviceModel this[string model] => Pool.EnginesOf(model)[0];

    /// <param name="shape">Changes the settings; the devices are in it already.</param>
    public static async Task<PoolBench> StartAsync(
        Action<StackFlowOptions>? shape = null, SimulatorOptions? simulator = null, int devices = 1, Action<SimulatedDevice>? before = null)
    {
        SimulatedDevice[] simulated = [.. Enumerable.Range(0, devices).Select(i => SimulatedDevice.Start((simulator ?? new SimulatorOptions()) with { Seed = i + 1 }))];
        foreach (var device in simulated) before?.Invoke(device);
        return new PoolBench(await StartAsync(simulated, shape), simulated);
    }

    /// <summary>A pool over devices that are there already.</summary>
    public static async Task<StackFlowPool> StartAsync(SimulatedDevice[] devices, Action<StackFlowOptions>? shape = null, Dialer? dialer = null)
    {
        var options = new StackFlowOptions
        {
            PingInterval = TimeSpan.FromMilliseconds(50),
            FirstBackOff = TimeSpan.FromMilliseconds(10),
            MaxBackOff = TimeSpan.FromMilliseconds(50),
            Timeouts = new DeviceTimeouts
            {
                Connect = Hang,
                FirstDelta = Hang,
                NextDelta = Hang,
                Settle = TimeSpan.FromMilliseconds(30),
                PauseInterval = TimeSpan.FromMilliseconds(20),
            },
        };
        foreach (var device in devices) options.Devices.Add(new DeviceOptions { Host = "127.0.0.1", Port = device.EndPoint.Port });
        shape?.Invoke(options);
        var pool = new StackFlowPool(options, TimeProvider.System, NullLoggerFactory.Instance, device => dialer ?? new Dialer(devices.First(d => d.EndPoint.Port == device.Port)));
        await pool.StartAsync(Hang, CancellationToken.None);
        return pool;
    }

    public static GenerationRequest Request(string text, SamplingSettings? sampling = null) =>
        Request([new SessionMessage(SessionRole.User, text)], sampling);

    public static GenerationRequest Request(IReadOnlyList<SessionMessage> messages, SamplingSettings? sampling = null) => new()
    {
        PromptTokens = [],
        Session = new SessionPrompt { Messages = messages, Tokens = 50, IsEstimate = true },
        Sampling = sampling ?? SamplingSettings.Default,
        MaxTokens = 4096,
    };

    /// <summary>The whole answer.</summary>
    public static async Task<string> AskAsync(DeviceModel engine, string text, SamplingSettings? sampling = null) =>
        (await RunAsync(engine, Request(text, sampling))).Text;

    public static async Task<(string Text, int Tokens, FinishReason Reason)> RunAsync(
        ISessionEngine engine, GenerationRequest request, CancellationToken cancellation = default)
    {
        var bytes = new List<byte>();
        var (tokens, reason) = (0, FinishReason.None);
        await foreach (var piece in engine.RunAsync(request, cancellation))
        {
            bytes.AddRange(piece.Text.Span);
            tokens += piece.Tokens;
            reason = piece.FinishReason;
        }

        return (Encoding.UTF8.GetString([.. bytes]), tokens, reason);
    }

    /// <summary>What the model answers to a text alone, under the neutral prompt.</summary>
    public static string Expected(string model, string text, string system = Neutral) =>
        SimulatedText.Of(model, SimulatedText.Seen(model, system, [text]));

    /// <summary>Waits until an engine can have so many tasks.</summary>
    public static Task UntilAsync(DeviceModel engine, Func<int, bool> capacity) =>
        UntilAsync(() => capacity(engine.Capacity), look => engine.CapacityChanged += look, look => engine.CapacityChanged -= look);

    /// <summary>Waits until a capacity is such as is wanted, which is looked at now and at each change.</summary>
    public static async Task UntilAsync(Func<bool> holds, Action<Action> watch, Action<Action> leave)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (holds()) changed.TrySetResult();
        }

        watch(Look);
        Look();
        await changed.Task.WaitAsync(Hang);
        leave(Look);
    }

    public async ValueTask DisposeAsync()
    {
        await Pool.DisposeAsync().AsTask().WaitAsync(Hang);
        foreach (var device in Devices) await device.DisposeAsync();
    }

    /// <summary>Asks until the answer comes, for devices that recover from something.</summary>
    public static async Task<string> AskUntilAnsweredAsync(DeviceModel engine, string text)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await UntilAsync(engine, static capacity => capacity > 0);
            try
            {
                return await AskAsync(engine, text).WaitAsync(Hang);
            }
            catch (EngineException) when (TimeProvider.System.GetElapsedTime(start) < Hang)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Lets each fault be suffered by devices of its own. A few at once: they mostly wait.</summary>
    public static async Task EachFaultAsync(Func<Fault, Task> suffer)
    {
        const int AtOnce = 5;
        var failures = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enum.GetValues<Fault>(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (fault, _) =>
        {
            try
            {
                await suffer(fault);
            }
            catch (Exception failure)
            {
                failures.Add($"{fault}: {failure}");
            }
        });
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    /// <summary>The pool's watchdogs bite soon.</summary>
    public static void Impatient(StackFlowOptions options)
    {
        options.Timeouts.Connect = options.Timeouts.Control = options.Timeouts.Exit = TimeSpan.FromSeconds(1);
        options.Timeouts.Setup = TimeSpan.FromSeconds(2);
        options.Timeouts.FirstDelta = options.Timeouts.NextDelta = options.Timeouts.Stop = TimeSpan.FromMilliseconds(500);
    }

    internal sealed class Dialer(SimulatedDevice device) : IDeviceDialer
    {
        private readonly List<DeviceLine> _lines = [];
        private volatile bool _isCut;

        public string Name => $"127.0.0.1:{device.EndPoint.Port}";

        /// <summary>As when the program dies: all connections end, and no others are made.</summary>
        public async Task CutAsync()
        {
            _isCut = true;
            foreach (var line in _lines) await line.DisposeAsync();
        }

        public async ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation)
        {
            if (_isCut) throw new IOException("The program is dead.");
            try
            {
                var line = await device.ConnectAsync(cancellation);
                lock (_lines) _lines.Add(line);
                return new Line(line);
            }
            catch (System.Net.Sockets.SocketException fault)
            {
                throw new IOException(fault.Message, fault);
            }
        }

        private sealed class Line(DeviceLine line) : IDeviceLine
        {
            public PipeReader Input => line.Input;

            public PipeWriter Output => line.Output;

            public ValueTask DisposeAsync() => line.DisposeAsync();
        }
    }
}
