using StreamCore.StackFlowSimulator.Front;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>A task: a loaded model, one reply address and one request id. Whoever names it becomes its owner.</summary>
internal abstract class UnitTask
{
    private static readonly TimeSpan HangUpTime = TimeSpan.FromSeconds(1);

    private readonly Mailbox<Request> _inferences = new();
    private readonly TaskCompletionSource _served = new();
    private readonly TimeSpan _openFrom;
    private bool _isFirst = true;
    private FrontProcess _ownersFront; // channels count anew with each front process
    private (FrontProcess Front, int Channel)? _robbed;

    protected UnitTask(Unit unit, TaskSettings settings)
    {
        Unit = unit;
        Settings = settings;
        Owner = settings.Owner;
        _ownersFront = Life.Front;
        RequestId = settings.RequestId;
        IsStream = settings.ResponseFormat.Contains("stream", StringComparison.Ordinal);
        _openFrom = Now + Life.Pace.Subscription;
        Life.Loop.Start(ServeAsync);
    }

    public TaskSettings Settings { get; }

    public string WorkId => Settings.WorkId;

    public abstract bool IsBusy { get; }

    public virtual bool CanPause => false;

    public virtual bool CanWork => false;

    protected Unit Unit { get; }

    protected Life Life => Unit.Life;

    /// <summary>The channel that replies go to.</summary>
    protected int Owner { get; private set; }

    /// <summary>The latest that was received.</summary>
    protected string RequestId { get; private set; }

    /// <summary>Results come in deltas.</summary>
    protected bool IsStream { get; }

    private TimeSpan Now => TimeSpan.FromTicks(Life.Options.Time.GetUtcNow().Ticks);

    /// <summary>An inference is published. Before the subscription stands, nobody hears it.</summary>
    public void Receive(Request request)
    {
        var isLost = _isFirst && Now < _openFrom && Life.Chance(Fault.FirstInferenceLost);
        _isFirst = false;
        if (!isLost) _inferences.Put(request);
    }

    /// <summary>Replies go to another connection from now on.</summary>
    public async Task MoveAsync(int channel)
    {
        if (_robbed == (Life.Front, channel)) Life.Loop.Start(() => BlameAsync(Life.Front, channel));
        if (channel == Owner && _ownersFront == Life.Front) return;
        // A connection that is still open may have been closed a moment ago: whoever owned the task is wronged only when it goes on.
        if (_ownersFront == Life.Front && Life.Front.IsOpen(Owner)) _robbed = (Life.Front, Owner);
        else if (!Life.Front.IsOpen(Owner) && Life.Chance(Fault.SlowHandover)) await Unit.Wait(Life.Pace.Handover);
        (Owner, _ownersFront) = (channel, Life.Front);
    }

    /// <summary>Asks the running generation to stop; completes when none runs.</summary>
    public virtual Task Pause() => Task.CompletedTask;

    /// <summary>Exit: what runs is stopped, what waits is run first.</summary>
    public virtual Task EndAsync()
    {
        _inferences.Close();
        return _served.Task;
    }

    /// <summary>The process has died.</summary>
    public void Die()
    {
        _inferences.Clear();
        _inferences.Close();
    }

    public string Describe() =>
        "{\"enoutput\":" + (Settings.IsOutputOn ? "true" : "false")
        + ",\"inputs\":[" + string.Join(',', Settings.Inputs.Select(Reply.Quote))
        + "],\"model\":" + Reply.Quote(Settings.Model.Name)
        + ",\"response_format\":" + Reply.Quote(Settings.ResponseFormat) + "}";

    /// <summary>Takes an inference on the receiving thread.</summary>
    protected abstract Task InferAsync(Request request);

    /// <summary>Whether the task listens to what clients send, and not only to other units.</summary>
    protected bool Hears(string name) => Settings.Inputs.Any(input => input.Contains(name, StringComparison.Ordinal));

    /// <param name="data">JSON as it goes out.</param>
    protected void Send(string data, string requestId)
    {
        if (Settings.IsOutputOn) Life.Front.SendData(Owner, data, Settings.ResponseFormat, requestId, WorkId);
    }

    /// <summary>A piece of a stream.</summary>
    protected void SendDelta(string delta, bool finish, string requestId)
    {
        Send(Reply.Delta(delta, Unit.Index, finish), requestId);
        Unit.Index = finish ? 0 : Unit.Index + 1;
    }

    /// <summary>What the owner sent before it hung up may be handled late: that is no mistake.</summary>
    private async Task BlameAsync(FrontProcess front, int channel)
    {
        await Task.Delay(HangUpTime, Life.Options.Time, Life.Ended);
        if (front == Life.Front && front.IsOpen(channel)) Life.Device.Mistake($"{WorkId} was named from another connection while its owner went on using it");
    }

    private async Task ServeAsync()
    {
        while (await _inferences.WaitAsync() && _inferences.TryTake(out var request))
        {
            await MoveAsync(request.Channel);
            RequestId = request.RequestId;
            await InferAsync(request);
        }

        _served.SetResult();
    }
}
