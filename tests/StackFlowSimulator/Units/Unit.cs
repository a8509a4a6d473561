using System.Text.Json;
using StreamCore.StackFlowSimulator.Front;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>
/// A unit's process: its tasks, and the one event thread on which control calls are handled one after another, so that a setup that loads
/// or an exit that waits keeps all others waiting.
/// </summary>
internal sealed class Unit : IDisposable
{
    private static readonly string[] Actions = ["setup", "exit", "pause", "work", "link", "unlink", "taskinfo"];

    private readonly Dictionary<string, UnitTask> _tasks = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _died = new();
    private readonly Mailbox<Request> _calls = new();
    private readonly int _maxTasks;
    private readonly Func<Unit, TaskSettings, UnitTask> _create;
    private Request? _lastCall;

    public Unit(Life life, string name, int maxTasks, Func<Unit, TaskSettings, UnitTask> create)
    {
        Life = life;
        Name = name;
        Died = _died.Token;
        _maxTasks = maxTasks;
        _create = create;
        life.Loop.Start(HandleAsync);
    }

    public Life Life { get; }

    public string Name { get; }

    public bool IsDead { get; private set; }

    /// <summary>It died without taking its socket along, so that it seems to be there.</summary>
    public bool LeftSocket { get; private set; }

    public CancellationToken Died { get; }

    public IEnumerable<UnitTask> Tasks => _tasks.Values;

    public int MemoryUsed => _tasks.Values.Sum(static task => task.Settings.Model.MemoryKilobytes);

    /// <summary>The counter of streamed pieces, shared by all tasks and set back by whoever finishes.</summary>
    public int Index { get; set; }

    public Task Wait(TimeSpan time)
    {
        if (IsDead) return Task.FromCanceled(Died);
        return time <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(time, Life.Options.Time, Died);
    }

    /// <summary>A control call; an unknown action is never answered.</summary>
    public void Call(Request request)
    {
        if (Actions.Contains(request.Action)) _calls.Put(request);
    }

    public void Publish(Request request)
    {
        if (!IsDead && _tasks.TryGetValue(request.WorkId, out var task)) task.Receive(request);
    }

    /// <summary>The process dies with all its tasks. llm_sys goes on knowing their ids.</summary>
    public void Crash()
    {
        if (IsDead) return;
        IsDead = true;
        LeftSocket = Life.Chance(Fault.StaleSocket);
        _calls.Close();
        foreach (var task in _tasks.Values) task.Die();
        _tasks.Clear();
        _died.Cancel();
        Life.Loop.Start(() => Life.RestartAsync(Name));
    }

    public void Dispose()
    {
        _died.Cancel();
        _died.Dispose();
    }

    /// <summary>An error of an inference. What raises it knows only the unit's last control call, and answers that.</summary>
    public async Task FailInferenceAsync(int code, string message, Request inference)
    {
        if (!Life.Chance(Fault.MislabelledErrors))
        {
            Life.Front.Acknowledge(inference.Channel, code, message, inference.RequestId, inference.WorkId);
        }
        else if (_lastCall is { } call)
        {
            if (!Life.Front.IsOpen(call.Channel)) await Wait(Life.Pace.Handover);
            Life.Front.Acknowledge(call.Channel, code, message, call.RequestId, Name);
        }
    }

    private async Task HandleAsync()
    {
        while (await _calls.WaitAsync() && !IsDead && _calls.TryTake(out var request))
        {
            _lastCall = request;
            if (request.Action == "setup") await SetupAsync(request);
            else if (request is { Action: "taskinfo", NamesTask: false }) Answer(request, TaskList(), Name + ".tasklist");
            else if (!_tasks.TryGetValue(request.WorkId, out var task)) Acknowledge(request, -6, "Unit Does Not Exist");
            else await HandleAsync(request, task);
        }
    }

    private async Task HandleAsync(Request request, UnitTask task)
    {
        await task.MoveAsync(request.Channel);
        switch (request.Action)
        {
            case "taskinfo":
                Answer(request, task.Describe(), Name + ".taskinfo");
                break;
            case "pause" when task.CanPause:
                await PauseAsync(request, task);
                break;
            case "work" when task.CanWork:
                Acknowledge(request, 0, "");
                break;
            case "exit":
                await task.EndAsync();
                if (_tasks.GetValueOrDefault(task.WorkId) == task) _tasks.Remove(task.WorkId);
                Life.Front.Release(task.WorkId);
                Acknowledge(request, 0, "");
                break;
            case "link" or "unlink":
                var target = request.Field("data").Text;
                if (Life.Units.Any(unit => unit._tasks.ContainsKey(target ?? ""))) Acknowledge(request, 0, "");
                else Acknowledge(request, -20, "link false");
                break;
            default:
                Acknowledge(request, -18, "not have unit action!");
                break;
        }
    }

    private async Task PauseAsync(Request request, UnitTask task)
    {
        if (Life.Chance(Fault.PauseLost))
        {
            Acknowledge(request, 0, "");
            return;
        }

        var finished = task.Pause();
        if (!Life.Chance(Fault.FinishBeforePauseAcknowledgement))
        {
            Acknowledge(request, 0, "");
            return;
        }

        await finished;
        Acknowledge(request, 0, "");
    }

    private async Task SetupAsync(Request request)
    {
        var front = Life.Front;
        var workId = FormattableString.Invariant($"{Name}.{front.TakeNumber()}");
        if (_tasks.Count >= _maxTasks)
        {
            Refuse(request, -21, "task full");
            return;
        }

        if (Object(request.Field("data")) is not { } data)
        {
            Life.Front.Acknowledge(request.Channel, -2, "json format error.", request.RequestId, "kws"); // a slip in the units' source
            return;
        }

        if (!TaskSettings.AreComplete(data, Name) || Life.Options.Models.FirstOrDefault(model => IsAsked(model, data)) is not { } model)
        {
            Refuse(request, -5, "Model loading failed.");
            return;
        }

        if (Life.Chance(Fault.TokenizerHangs))
        {
            await Wait(Life.Pace.TokenizerPatience);
            Refuse(request, -5, "Model loading failed.");
            return;
        }

        if (model.Type is "llm" or "vlm") await Wait(Life.Pace.TokenizerStart);
        await Wait(Life.Pace.LoadPerGigabyte * (model.MemoryKilobytes / 1048576.0));
        if (Life.MemoryUsed + model.MemoryKilobytes > Life.Options.MemoryKilobytes || Life.Chance(Fault.SetupFails))
        {
            Refuse(request, -5, "Model loading failed.");
            return;
        }

        if (_tasks.Remove(workId, out var older)) older.Die(); // of before the front process restarted
        _tasks.Add(workId, _create(this, new(data, model, workId, request.Channel, request.RequestId)));
        front.Register(workId);
        Life.Front.Acknowledge(request.Channel, 0, "", request.RequestId, workId);
    }

    /// <summary>Old names with underscores are taken too.</summary>
    private bool IsAsked(SimulatedModel model, JsonElement data) =>
        model.Unit == Name && model.Name.Replace('_', '-') == data.GetProperty("model").GetString()!.Replace('_', '-');

    private static JsonElement? Object(RawValue data)
    {
        try
        {
            if (!data.IsObject) return null;
            using var json = JsonDocument.Parse(data.Text);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string TaskList() => "[" + string.Join(',', _tasks.Keys.Select(Reply.Quote)) + "]";

    private void Refuse(Request request, int code, string message) => Life.Front.Acknowledge(request.Channel, code, message, request.RequestId, Name);

    private void Acknowledge(Request request, int code, string message) =>
        Life.Front.Acknowledge(request.Channel, code, message, request.RequestId, request.WorkId);

    private void Answer(Request request, string data, string objectName) =>
        Life.Front.SendData(request.Channel, data, objectName, request.RequestId, request.WorkId);
}
