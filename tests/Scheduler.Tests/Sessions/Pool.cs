using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

/// <summary>A scheduler over scripted members. At the end none may have been given too much, and every count must be back at zero.</summary>
internal sealed class Pool : IAsyncDisposable
{
    private readonly SchedulerMetrics _metrics = new();
    private readonly RecordedMetrics _recorded;
    private readonly string _name = $"pool-{Guid.NewGuid():N}";

    public Pool(int members = 1, int capacity = 1, SessionSchedulerOptions? options = null)
    {
        _recorded = new RecordedMetrics(_name);
        Members = [.. Enumerable.Range(0, members).Select(i => new ScriptedSession($"m{i}", capacity))];
        Scheduler = new SessionScheduler(Members, options ?? new SessionSchedulerOptions(), _metrics, Time, NullLogger.Instance, _name);
    }

    public TestKit.ManualTime Time { get; } = new();

    public List<ScriptedSession> Members { get; }

    /// <summary>The first member; of most pools the only one.</summary>
    public ScriptedSession Member => Members[0];

    public SessionScheduler Scheduler { get; }

    /// <summary>Some member that is not given back in time is no fault of the test.</summary>
    public bool KeepsPlaces { get; set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static GenerationRequest Request(string prompt = "hi", int maxTokens = 1000) => new()
    {
        PromptTokens = [],
        Session = new SessionPrompt { Messages = [new SessionMessage(SessionRole.User, prompt)], Tokens = prompt.Length, IsEstimate = true },
        Sampling = Harness.Greedy,
        MaxTokens = maxTokens,
    };

    public Generation Submit(GenerationRequest request)
    {
        Assert.True(Scheduler.TrySubmit(request, out var generation, out var refusal), refusal.Reason.ToString());
        return generation;
    }

    public Generation Submit(string prompt = "hi", int maxTokens = 1000) => Submit(Request(prompt, maxTokens));

    /// <summary>The sum of an instrument's measurements, of those with this tag when given.</summary>
    public double Metric(string instrument, string? tag = null) => _recorded.Sum(instrument, tag);

    public Task PieceWaits(int member = 0) => Members[member].PieceWaits(Stop);

    public static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock on by so much, and then a little at a time until the generation is over.</summary>
    public async Task<Outcome> EndsAfter(TimeSpan time, Generation generation)
    {
        await Until(() => Time.ActiveTimerCount > 0);
        Time.Advance(time);
        await Until(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            return generation.Outcome is not null;
        });
        return generation.Outcome!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members) member.Open();
        await Scheduler.StopAsync(Stop);
        Assert.Empty(Members.SelectMany(member => member.Violations));
        Assert.DoesNotContain(Members, member => member.HasListeners);
        Assert.Equal((0, 0), (Scheduler.Progress.Running, Scheduler.Progress.Waiting));
        Assert.Equal(0, Metric("streamcore.generations.running"));
        Assert.Equal(0, Metric("streamcore.generations.waiting"));
        if (!KeepsPlaces)
        {
            Assert.Equal(0, Members.Sum(member => member.Running));
            Assert.Equal(0, Metric("streamcore.sessions.running"));
        }

        _recorded.Dispose();
        _metrics.Dispose();
        foreach (var member in Members) await member.DisposeAsync();
    }
}
