using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.Tests.Import;
using StreamCore.Engines.Tests.StackFlow.Devices;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>
/// Thousands of generations over four simulated devices with mixtures of faults, while devices are killed, started again, frozen and unplugged and
/// clients leave: every generation ends within its deadline with the right text, an error, or as much of the right text as was said before an
/// error; none has another's text; and no task or connection is left behind.
/// </summary>
[Collection(nameof(RealClock))]
public sealed class Campaign
{
    private const int DeviceCount = 4;
    private const int GenerationCount = 520;
    private const int ClientCount = 12;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Faults that may strike in a mixture, and how often at most: those that stop a device for long are rarer.</summary>
    private static readonly (Fault Fault, double Most)[] Mixture =
    [
        .. Enum.GetValues<Fault>().Select(static fault => (fault, fault switch
        {
            Fault.FrontStalls or Fault.TokenizerHangs or Fault.UnitCrashes => 0.01,
            Fault.GenerationStalls or Fault.ConnectionDrops or Fault.SetupFails => 0.03,
            Fault.InferenceLost or Fault.GenerationThrows or Fault.PauseLost or Fault.HugeModelList => 0.05,
            _ => 0.5,
        })),
    ];

    // One after the other: the port of a killed device may become another campaign's.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_generation_ends_with_its_own_text(int seed)
    {
        var random = new Random(seed);
        var faults = Mixture.Where(_ => random.Next(2) == 0).Aggregate(Faults.None, (all, next) => all.With(next.Fault, random.NextDouble() * next.Most));
        await using var world = await World.StartAsync(seed, faults);

        var next = 0;
        var clients = Enumerable.Range(0, ClientCount).Select(async i =>
        {
            var endings = new List<Ending>();
            var own = new Random((seed * 1000) + i);
            for (var number = Interlocked.Increment(ref next); number <= GenerationCount; number = Interlocked.Increment(ref next))
                endings.Add(await world.AskAsync(Request(own, seed, number), own.Next(8) == 0 ? own.Next(6) : int.MaxValue));
            return endings;
        }).ToArray();
        await world.TroubleAsync(random, Task.WhenAll(clients));
        var endings = (await Task.WhenAll(clients)).SelectMany(static all => all).ToArray();

        Assert.Equal(GenerationCount, endings.Length);
        Assert.All(endings, World.Check);
        Assert.True(endings.Count(static ending => ending.Outcome.IsFinished) > GenerationCount / 2, World.Summary(endings));
        await world.CheckNothingIsLeftAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(World.Summary(endings));
    }

    private static GenerationRequest Request(Random random, int seed, int number) =>
        PoolBench.Request($"Seed {seed}: write {random.Next(4, 50)} words about w{seed}n{number}") with
        {
            MaxTokens = random.Next(5) == 0 ? random.Next(1, 12) : 1000,
            StopStrings = random.Next(5) == 0 ? [" the"] : [],
            FairnessKey = $"{random.Next(4)}",
            Timeout = Deadline,
        };

    private sealed record Ending(GenerationRequest Request, Outcome Outcome, string Text);

    /// <summary>The devices, the pool and the scheduler of one run.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TempFolder _temp;
        private readonly SimulatedDevice[] _devices;
        private readonly StackFlowPool _pool;
        private readonly SchedulerMetrics _metrics = new();
        private readonly SessionScheduler _scheduler;

        private World(TempFolder temp, SimulatedDevice[] devices, StackFlowPool pool)
        {
            (_temp, _devices, _pool) = (temp, devices, pool);
            _scheduler = new SessionScheduler(
                [], new SessionSchedulerOptions { UnreachableTimeout = TimeSpan.FromSeconds(5) }, _metrics, TimeProvider.System, NullLogger.Instance, "campaign");
            pool.ModelAppeared += Join;
            foreach (var engine in pool.EnginesOf(PoolBench.Model)) Join(engine);
        }

        public static async Task<World> StartAsync(int seed, Faults faults)
        {
            SimulatedDevice[] simulated =
            [
                .. Enumerable.Range(0, DeviceCount).Select(i => SimulatedDevice.Start(new SimulatorOptions { Faults = faults, Seed = (seed * 10) + i })),
            ];
            var temp = new TempFolder();
            var pool = await PoolBench.StartAsync(simulated, options =>
            {
                options.Journal = temp["journal"];
                options.DiscoveryInterval = TimeSpan.FromMilliseconds(500);
                options.Timeouts = new DeviceTimeouts
                {
                    Connect = TimeSpan.FromSeconds(1),
                    Control = TimeSpan.FromSeconds(1),
                    Setup = TimeSpan.FromSeconds(2),
                    LateSetup = TimeSpan.FromSeconds(8),
                    Settle = TimeSpan.FromMilliseconds(30),
                    FirstDelta = TimeSpan.FromMilliseconds(800),
                    NextDelta = TimeSpan.FromMilliseconds(400),
                    PauseInterval = TimeSpan.FromMilliseconds(20),
                    Stop = TimeSpan.FromMilliseconds(500),
                    Exit = TimeSpan.FromSeconds(1),
                };
            });
            return new World(temp, simulated, pool);
        }

        /// <param name="patience">Pieces after which the client leaves; 0 before it reads.</param>
        public async Task<Ending> AskAsync(GenerationRequest request, int patience)
        {
            Generation? generation;
            Refusal refusal;
            while (!_scheduler.TrySubmit(request, out generation, out refusal))
            {
                Assert.Contains(refusal.Reason, new[] { RefusalReason.QueueFull, RefusalReason.CannotRun });
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }

            using (generation)
            {
                var text = new List<byte>();
                if (patience == 0) generation.Cancel(CancelledBy.Client);
                while (await generation.WaitToReadAsync().AsTask().WaitAsync(Deadline + TimeSpan.FromSeconds(10)))
                {
                    while (generation.TryRead(out var delta)) text.AddRange(generation.Text(delta).Span);
                    if (--patience == 0) generation.Cancel(CancelledBy.Client);
                }

                return new Ending(request, await generation.Completion, Encoding.UTF8.GetString([.. text]));
            }
        }

        /// <summary>Something happens to some device every few dozen milliseconds until the work is done; then all is well again.</summary>
        public async Task TroubleAsync(Random random, Task work)
        {
            while (!work.IsCompleted)
            {
                var device = _devices[random.Next(_devices.Length)];
                var trouble = random.Next(30);
                Action? undo = null;
                switch (trouble)
                {
                    case 0:
                        device.Kill();
                        undo = device.Restart;
                        break;
                    case 1:
                        device.Restart();
                        break;
                    case 2:
                        device.Freeze();
                        undo = device.Thaw;
                        break;
                    case 3:
                        device.Unplug();
                        undo = device.Plug;
                        break;
                    case 4:
                        device.CrashUnit("llm");
                        break;
                    case 5:
                        device.RestartFront();
                        break;
                }

                await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 200))));
                undo?.Invoke();
            }

            await work;
        }

        public static void Check(Ending ending)
        {
            var answer = PoolBench.Expected(PoolBench.Model, ending.Request.Session!.Messages[^1].Text);
            var outcome = ending.Outcome;
            Assert.NotEqual(CancelledBy.Deadline, outcome.CancelledBy);
            if (outcome.StopString is { } stop) Assert.Equal(answer[..answer.IndexOf(stop, StringComparison.Ordinal)], ending.Text);
            else if (outcome.FinishReason == FinishReason.Stop) Assert.Equal(answer, ending.Text);
            else Assert.StartsWith(ending.Text.TrimEnd('\uFFFD'), answer, StringComparison.Ordinal); // what broke off may have broken a character
        }

        public static string Summary(IEnumerable<Ending> endings) =>
            string.Join(", ", endings.GroupBy(static ending => ending.Outcome switch
            {
                { Fault: not null } => "failed",
                { IsFinished: true } finished => finished.FinishReason.ToString(),
                var cancelled => cancelled.CancelledBy.ToString(),
            }).Select(static group => $"{group.Count()} {group.Key}"));

        public async Task CheckNothingIsLeftAsync()
        {
            foreach (var device in _devices) device.Faults = Faults.None;
            await _scheduler.DisposeAsync();
            await _pool.DisposeAsync().AsTask().WaitAsync(PoolBench.Hang);
            foreach (var device in _devices) await device.UntilAsync(static device => device.Connections == 0).WaitAsync(Deadline);
            if (_devices.Any(static device => device.Tasks.Count > 0)) await EndLeftoversAsync();
            Assert.Empty(_devices.SelectMany(static device => device.Tasks));
            Assert.Empty(_devices.SelectMany(static device => device.Mistakes));
        }

        /// <summary>What a unit that hung at the end did not confirm is left to whoever reads the journal next.</summary>
        private async Task EndLeftoversAsync()
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"Left: {string.Join(", ", _devices.Select(static device => device.Tasks.Count))}");
            await using var next = await PoolBench.StartAsync(_devices, options => options.Journal = _temp["journal"]);
            foreach (var device in _devices)
            {
                var clear = device.UntilAsync(static device => device.Tasks.Count == 0);
                await Task.WhenAny(clear, Task.Delay(Deadline));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _scheduler.DisposeAsync();
            await _pool.DisposeAsync();
            foreach (var device in _devices) await device.DisposeAsync();
            _metrics.Dispose();
            _temp.Dispose();
        }

        private void Join(DeviceModel engine)
        {
            if (engine.Model.Name == PoolBench.Model) _scheduler.Add(engine);
        }
    }
}
