using StreamCore.Engines.StackFlow.Devices;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A real server over simulated devices, which it reaches by sockets as it would real ones.</summary>
internal sealed class DeviceServer : IAsyncDisposable
{
    public const string Model = "qwen2.5-0.5B-p256-ax630c";

    /// <summary>Thinks aloud before it answers.</summary>
    public const string Thinker = "qwen3-0.6B-ax630c";

    /// <summary>Sees images.</summary>
    public const string Vision = "smolvlm-256M-ax630c";

    /// <summary>Slow enough to be caught in mid-answer.</summary>
    public static readonly Pace Slow = Pace.Fast with { Token = TimeSpan.FromMilliseconds(50) };

    private const string SystemPrompt = "You are a helpful assistant.";

    private DeviceServer(OwnServer server, IReadOnlyList<SimulatedDevice> devices)
    {
        Server = server;
        Devices = devices;
        Http = server.Client();
    }

    public OwnServer Server { get; }

    public IReadOnlyList<SimulatedDevice> Devices { get; }

    public HttpClient Http { get; }

    public Uri Address => Server.Address;

    public static async Task<DeviceServer> StartAsync(int count = 2, Pace? pace = null, Action<StreamCoreOptions>? configure = null)
    {
        var devices = Enumerable.Range(1, count).Select(seed => SimulatedDevice.Start(new SimulatorOptions { Pace = pace ?? Pace.Fast, Seed = seed })).ToArray();
        return await StartAsync(devices, configure);
    }

    /// <summary>Over devices that are there already, on or off.</summary>
    public static async Task<DeviceServer> StartAsync(IReadOnlyList<SimulatedDevice> devices, Action<StreamCoreOptions>? configure = null)
    {
        var server = await OwnServer.StartAsync(TestContext.Current.CancellationToken, options =>
        {
            options.StackFlow.Devices = [.. devices.Select(device => new DeviceOptions { Host = $"{device.EndPoint.Address}", Port = device.EndPoint.Port })];
            options.StackFlow.FirstBackOff = TimeSpan.FromMilliseconds(20);
            options.StackFlow.MaxBackOff = TimeSpan.FromMilliseconds(200);
            configure?.Invoke(options);
        });
        return new DeviceServer(server, devices);
    }

    /// <summary>What a device answers to one message.</summary>
    public static string Expected(string text, string model = Model) => SimulatedText.Of(model, SimulatedText.Seen(model, SystemPrompt, [text]));

    public static object Chat(string content, string model = Model, bool stream = false, int? maxTokens = null) => new
    {
        model,
        messages = new[] { new { role = "user", content } },
        max_tokens = maxTokens,
        stream,
    };

    /// <summary>No client's mistake was seen by any device.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Assert.Empty(Devices.SelectMany(device => device.Mistakes));
        Assert.Empty(Devices.SelectMany(device => device.Tasks));
        foreach (var device in Devices) await device.DisposeAsync();
    }
}
