using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>A task on a scripted device, and the clock by which both go.</summary>
internal sealed class TaskHarness
{
    public ScriptedDevice Device { get; } = new();

    public WatchedTime Time { get; } = new();

    /// <summary>The defaults, but no two of them equal, so that no wait is taken for another.</summary>
    public DeviceTimeouts Timeouts { get; } = new() { Connect = TimeSpan.FromSeconds(6), Exit = TimeSpan.FromSeconds(11) };

    public UnitTask Task { get; private set; } = null!;

    public ScriptedLine Line { get; private set; } = null!;

    public SentRequest Setup { get; private set; } = null!;

    public static async Task<TaskHarness> StartAsync(UnitKind? unit = null)
    {
        var harness = new TaskHarness();
        var pending = harness.SetupAsync(unit);
        harness.Line = await harness.Device.AcceptAsync();
        harness.Setup = await harness.Line.NextAsync("setup");
        await harness.Line.AcknowledgeAsync(harness.Setup, harness.Setup.WorkId + ".1002");
        await harness.Time.ElapseAsync(harness.Timeouts.Settle);
        harness.Task = await pending.WaitAsync(ScriptedLine.Hang);
        return harness;
    }

    public Task<UnitTask> SetupAsync(UnitKind? unit = null, CancellationToken cancellation = default) => UnitTask.SetupAsync(
        Device, new() { Unit = unit ?? UnitKind.Llm, Model = "m", Prompt = "You are." }, Timeouts, Time, NullLogger.Instance, cancellation);

    /// <summary>The whole answer.</summary>
    public async Task<string> AskAsync(string text, CancellationToken cancellation = default)
    {
        var answer = "";
        await foreach (var delta in Task.InferAsync(new() { Text = text }, cancellation)) answer += delta.Text;
        return answer;
    }

    /// <summary>Begins an answer of which the first part is read.</summary>
    public async Task<(IAsyncEnumerator<UnitDelta> Answer, SentRequest Request)> BeginAsync(string text = "Hello")
    {
        var answer = Task.InferAsync(new() { Text = text }, default).GetAsyncEnumerator();
        var first = answer.MoveNextAsync();
        var request = await Line.NextAsync("inference");
        await Line.DeltaAsync(request, "one two three");
        Assert.True(await first.AsTask().WaitAsync(ScriptedLine.Hang));
        Assert.Equal("one two three", answer.Current.Text);
        return (answer, request);
    }

    /// <summary>The task is ended and its connection closed, by itself.</summary>
    public async Task IsGivenUpAsync(bool confirmed = true)
    {
        Assert.False(Task.IsUsable);
        var exit = await Line.NextAsync("exit");
        Assert.Equal(Task.WorkId, exit.WorkId);
        Assert.False(Line.IsHungUp);
        if (confirmed) await Line.AcknowledgeAsync(exit);
        else await IsUnansweredAsync(Timeouts.Exit);
        Assert.Equal(confirmed, await Task.ExitAsync().WaitAsync(ScriptedLine.Hang));
        await Line.HungUp;
    }

    /// <summary>A call that was sent gets no answer for so long. Its sending has the same limit.</summary>
    public async Task IsUnansweredAsync(TimeSpan limit)
    {
        await Time.BegunAsync(limit);
        await Time.ElapseAsync(limit);
    }

    /// <summary>The task takes another inference and gives it its own answer.</summary>
    public async Task WorksAsync()
    {
        Assert.True(Task.IsUsable);
        var answer = AskAsync("And now?");
        var request = await Line.NextAsync("inference");
        Assert.Equal("And now?", request.Decoded);
        await Line.DeltaAsync(request, "own answer");
        await Line.FinishAsync(request);
        Assert.Equal("own answer", await answer.WaitAsync(ScriptedLine.Hang));
        Assert.True(Task.IsUsable);
    }

    public static async Task<DeviceException> FailsAsync(Task pending) =>
        await Assert.ThrowsAsync<DeviceException>(() => pending.WaitAsync(ScriptedLine.Hang));
}
