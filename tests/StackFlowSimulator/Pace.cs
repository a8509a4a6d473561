namespace StreamCore.StackFlowSimulator;

/// <summary>How long the simulated device takes for things. A zero is no wait at all: everything then happens within the call that caused it.</summary>
public sealed record Pace
{
    /// <summary>The figures of an AX630C: the vendor's benchmark for each model, five seconds for the tokenizer, loading at 10 s a gigabyte.</summary>
    public static readonly Pace Real = new();

    /// <summary>Near nothing, but in the same order: for tests over the real clock.</summary>
    public static readonly Pace Fast = new()
    {
        TokenizerStart = TimeSpan.FromMilliseconds(2),
        LoadPerGigabyte = TimeSpan.FromMilliseconds(2),
        Tokenise = TimeSpan.FromMilliseconds(1),
        Prefill = TimeSpan.FromMilliseconds(1),
        Token = TimeSpan.FromMilliseconds(1),
        Image = TimeSpan.FromMilliseconds(1),
        Speech = 0.001,
        Recognition = 0.001,
        Subscription = TimeSpan.FromMilliseconds(20),
        HardwareInfo = TimeSpan.FromMilliseconds(1),
        Handover = TimeSpan.FromMilliseconds(50),
        FrontStall = TimeSpan.FromMilliseconds(100),
        GenerationStall = TimeSpan.FromMilliseconds(500),
        TokenizerPatience = TimeSpan.FromSeconds(5),
        UnitRestart = TimeSpan.FromMilliseconds(50),
        DeviceRestart = TimeSpan.FromMilliseconds(50),
    };

    /// <summary>Nothing takes any time, except what is a wait for its own sake. For tests with a clock of their own.</summary>
    public static readonly Pace Instant = new()
    {
        TokenizerStart = TimeSpan.Zero,
        LoadPerGigabyte = TimeSpan.Zero,
        Tokenise = TimeSpan.Zero,
        Prefill = TimeSpan.Zero,
        Token = TimeSpan.Zero,
        Image = TimeSpan.Zero,
        Speech = 0,
        Recognition = 0,
        HardwareInfo = TimeSpan.Zero,
    };

    /// <summary>The fixed wait of every setup for the model's tokenizer.</summary>
    public TimeSpan TokenizerStart { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Loading of a model, by the NPU memory it takes.</summary>
    public TimeSpan LoadPerGigabyte { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the inference's arrival to the start of generation proper. A pause in this time is lost.</summary>
    public TimeSpan Tokenise { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>From the start of generation to the first token; the model's own figure if null.</summary>
    public TimeSpan? Prefill { get; init; }

    /// <summary>Each token; the model's own figure if null.</summary>
    public TimeSpan? Token { get; init; }

    /// <summary>Encoding an image, before the prefill; the model's own figure if null.</summary>
    public TimeSpan? Image { get; init; }

    /// <summary>Seconds of work for a second of speech made.</summary>
    public double Speech { get; init; } = 0.2;

    /// <summary>Share of the model's own figures that recognition takes.</summary>
    public double Recognition { get; init; } = 1;

    /// <summary>How long after a setup's answer <see cref="Fault.FirstInferenceLost"/> is a danger.</summary>
    public TimeSpan Subscription { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary><c>hwinfo</c> measures for a second; everybody waits.</summary>
    public TimeSpan HardwareInfo { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Closing the reply socket of an owner that is gone (<see cref="Fault.SlowHandover"/>).</summary>
    public TimeSpan Handover { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A call to a unit that died and left its socket, and <see cref="Fault.FrontStalls"/>: nobody is served.</summary>
    public TimeSpan FrontStall { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The pause of <see cref="Fault.GenerationStalls"/>.</summary>
    public TimeSpan GenerationStall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a setup waits for a tokenizer that does not come (<see cref="Fault.TokenizerHangs"/>).</summary>
    public TimeSpan TokenizerPatience { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>From a unit's crash until it runs again, empty.</summary>
    public TimeSpan UnitRestart { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From <c>reset</c> until connections are taken again.</summary>
    public TimeSpan DeviceRestart { get; init; } = TimeSpan.FromSeconds(10);
}
