namespace StreamCore.Engines.StackFlow.Units;

/// <summary>How long is waited for what a device does.</summary>
public sealed class DeviceTimeouts
{
    /// <summary>For a connection to open. 5 s: a device on the same network answers in milliseconds, one that is off never.</summary>
    public TimeSpan Connect { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For a control call. 15 s: a call to a dead unit makes all others wait for about 4 s, and several may come together.</summary>
    public TimeSpan Control { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For a model to load. 120 s: models of 1 to 1.5 B take 15 to 25 s, more where several load one after the other.</summary>
    public TimeSpan Setup { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long the answer to a setup that was given up is waited for, to end the task it makes. 330 s: a tokenizer that does not
    /// come up is tried for 300 s.
    /// </summary>
    public TimeSpan LateSetup { get; set; } = TimeSpan.FromSeconds(330);

    /// <summary>Between setup and first inference. 75 ms: an inference sent at once is lost in 3 of 100 cases, after 20 ms in none.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromMilliseconds(75);

    /// <summary>For the first text, audio or transcript of an inference. 30 s: the slowest known model takes 3 s for a full prompt, an image 1 s more.</summary>
    public TimeSpan FirstDelta { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two deltas. 10 s: three tokens of the slowest known model take 1 s, and the whole device may stall for 4.</summary>
    public TimeSpan NextDelta { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After a stretch of recognised speech, for another one. 3 s: recognition is faster than speech.</summary>
    public TimeSpan Quiet { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two pauses that stop one answer. 400 ms: a pause is lost while the prompt is tokenised, which takes tens to hundreds of ms.</summary>
    public TimeSpan PauseInterval { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>For an answer to stop, and then for the control call that proves it. 5 s: a stop can take as long as the prompt takes.</summary>
    public TimeSpan Stop { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For a task to end. 10 s: it ends what runs and is queued first, and waits for the unit's other calls.</summary>
    public TimeSpan Exit { get; set; } = TimeSpan.FromSeconds(10);
}
