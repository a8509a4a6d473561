namespace StreamCore.LoadTests.Scenarios;

/// <summary>What is asked of a server, from a file: stages one after the other, each with loads that run at the same time.</summary>
internal sealed class Scenario
{
    public string Name { get; set; } = "";

    /// <summary>What it shows, in a sentence for the report.</summary>
    public string About { get; set; } = "";

    /// <summary>Everything drawn by chance follows from this and the round, so that all servers of a round get the same requests.</summary>
    public int Seed { get; set; } = 1;

    /// <summary><c>chat</c> or <c>completions</c>.</summary>
    public string Api { get; set; } = "chat";

    /// <summary>Requests of each kind sent beforehand and not counted; 1, so that nobody is measured while waking up.</summary>
    public int Warmup { get; set; } = 1;

    /// <summary>For servers that the driver starts: <c>fresh</c> for each round, or <c>kept</c> for all. Fresh: no round inherits a cache.</summary>
    public string Server { get; set; } = "fresh";

    /// <summary>Answers go on to their full length where the server knows <c>ignore_eos</c>, so that all do the same work. True.</summary>
    public bool IgnoreEos { get; set; } = true;

    /// <summary>A request that takes longer is given up and counted as a timeout.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>What an answer must keep to count for goodput; absent: nothing is said of goodput.</summary>
    public Goal? Goal { get; set; }

    public List<Stage> Stages { get; set; } = [];

    /// <summary>Requests that can run at once, as far as the scenario bounds them: slots for a server that has to be told.</summary>
    public int MostAtOnce => Stages.Max(stage => stage.Loads.Sum(load => load.Clients ?? load.Slots));

    /// <summary>Tokens that the longest request may need, with room for a chat template.</summary>
    public int MostTokens => 128 + (int)Stages.SelectMany(stage => stage.Loads).SelectMany(load => load.Mix)
        .Max(kind => (kind.Prefix?.Tokens ?? 0) + kind.Prompt.Most + kind.Answer.Most);
}

/// <summary>Bounds on the latency of a request.</summary>
internal sealed class Goal
{
    /// <summary>From the intended moment of sending to the first text.</summary>
    public TimeSpan? FirstToken { get; set; }

    /// <summary>From the first text to the last, divided by the tokens between: the mean pace of the answer.</summary>
    public TimeSpan? PerToken { get; set; }

    /// <summary>From the intended moment of sending to the end of the answer.</summary>
    public TimeSpan? Total { get; set; }
}

/// <summary>Loads that run together; the stage ends when they all have ended.</summary>
internal sealed class Stage
{
    public string Name { get; set; } = "";

    public List<Load> Loads { get; set; } = [];
}

/// <summary>
/// Requests of one kind of user. With <see cref="Clients"/> a closed loop: each sends its next when its last is answered. With
/// <see cref="Rate"/> an open loop: requests come at their times, whether or not the server keeps up.
/// </summary>
internal sealed class Load
{
    public string Name { get; set; } = "";

    /// <summary>Closed loop: how many users there are.</summary>
    public int? Clients { get; set; }

    /// <summary>Closed loop: the time over which the clients come in, evenly. None: all at one moment.</summary>
    public TimeSpan RampUp { get; set; }

    /// <summary>Closed loop: milliseconds between an answer and the next request.</summary>
    public Distribution ThinkTime { get; set; } = Distribution.Fixed(0);

    /// <summary>Open loop: requests a second.</summary>
    public double? Rate { get; set; }

    /// <summary>Open loop: <c>poisson</c> (independent users) or <c>fixed</c> (even gaps).</summary>
    public string Arrivals { get; set; } = "poisson";

    /// <summary>Open loop: slots to give a server that has to be told how many requests may run at once.</summary>
    public int Slots { get; set; } = 16;

    /// <summary>Requests in all, or of each client in a closed loop.</summary>
    public int? Requests { get; set; }

    /// <summary>The time during which requests are sent; those on their way are still awaited.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>The load of the same stage with whose end this one ends.</summary>
    public string? Until { get; set; }

    /// <summary>Kinds of requests, drawn by weight.</summary>
    public List<RequestKind> Mix { get; set; } = [];
}

/// <summary>One kind of request.</summary>
internal sealed class RequestKind
{
    public double Weight { get; set; } = 1;

    /// <summary>Tokens of the prompt that is the request's own, without what a chat template adds.</summary>
    public Distribution Prompt { get; set; } = Distribution.Fixed(0);

    /// <summary>Tokens of the answer at most: <c>max_tokens</c>.</summary>
    public Distribution Answer { get; set; } = Distribution.Fixed(0);

    /// <summary>A beginning that requests share.</summary>
    public Prefix? Prefix { get; set; }

    public bool Stream { get; set; } = true;

    /// <summary>The client hangs up after so many pieces of text.</summary>
    public Distribution? AbortAfter { get; set; }
}

/// <summary>A system prompt (in completions: a beginning of the text) that is the same wherever its name is.</summary>
internal sealed class Prefix
{
    public string Name { get; set; } = "";

    public int Tokens { get; set; }
}
