using System.IO.Pipelines;
using StreamCore.TestKit;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>A simulated device with a clock that stands still and a client on an inline pipe: when a send or an advance returns, all that
/// the device answers has arrived.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string Model = "qwen2.5-0.5B-p256-ax630c";

    public Bench(Func<SimulatorOptions, SimulatorOptions>? with = null)
    {
        var options = new SimulatorOptions { Time = Time, Pace = Pace.Instant, Scheduler = PipeScheduler.Inline };
        Device = SimulatedDevice.Start(with is null ? options : with(options));
        Client = Connect();
    }

    public ManualTime Time { get; } = new();

    public SimulatedDevice Device { get; }

    /// <summary>The first client.</summary>
    public BenchClient Client { get; }

    /// <summary>A bench with these faults, each at every occasion.</summary>
    public static Bench With(params Fault[] faults) => Paced(Pace.Instant, faults);

    public static Bench Paced(Pace pace, params Fault[] faults) =>
        new(options => options with { Pace = pace, Faults = faults.Aggregate(Faults.None, static (all, fault) => all.With(fault)) });

    /// <summary>100 ms a token, 40 ms of tokenizing, 80 ms to the first token.</summary>
    public static Bench Slow(params Fault[] faults) => Paced(
        Pace.Instant with
        {
            Token = TimeSpan.FromMilliseconds(100),
            Tokenise = TimeSpan.FromMilliseconds(40),
            Prefill = TimeSpan.FromMilliseconds(80),
        },
        faults);

    public BenchClient Connect()
    {
        var line = Device.ConnectAsync().AsTask();
        Assert.True(line.IsCompletedSuccessfully);
        return new(line.Result);
    }

    public void Advance(double milliseconds) => Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>What the model answers to this text under the system prompt of <see cref="BenchClient.Setup"/>.</summary>
    public static string Answer(string text, string model = Model) => SimulatedText.Of(model, Seen(text, model));

    public static string Seen(string text, string model = Model) => SimulatedText.Seen(model, "You are.", [text]);

    public ValueTask DisposeAsync() => Device.DisposeAsync();
}
