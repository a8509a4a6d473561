using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>A language model on one StackFlow device. The pool that made it owns the device.</summary>
public sealed class DeviceModel : ISessionEngine
{
    private readonly StackFlowDevice _device;
    private readonly PooledModel _pooled;
    private readonly DeviceModelOptions _options;
    private volatile SessionModel _model;

    internal DeviceModel(StackFlowDevice device, PooledModel pooled, SessionModel model, DeviceModelOptions options)
    {
        (_device, _pooled, _model, _options) = (device, pooled, model, options);
        Name = $"{device.Name}/{pooled.Name}";
    }

    public event Action? CapacityChanged
    {
        add => _pooled.CapacityChanged += value;
        remove => _pooled.CapacityChanged -= value;
    }

    /// <summary>The device's and the model's.</summary>
    public string Name { get; }

    /// <summary>What the model takes on this device.</summary>
    public SessionModel Model
    {
        get => _model;
        internal set => _model = value;
    }

    /// <summary>Tasks the device can have of the model now, running ones included; 0 while it is out of reach or the model out of order.</summary>
    public int Capacity => _pooled.Capacity;

    public bool CanRun(GenerationRequest request) =>
        request.Session is { } prompt && _model is var model && model.Takes(prompt) && model.Unsupported(request) is null;

    public async IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var model = _model;
        var prompt = request.Session ?? throw new ArgumentException("A device takes text.", nameof(request));
        var composed = model.Compose(prompt.Messages);
        var setup = new TaskSetup
        {
            Unit = _pooled.Unit,
            Model = _pooled.Name,
            Prompt = composed.Setup,
            MaxTokenLength = model.MaxContextTokens,
            Sampling = DeviceSettings.Of(request.Sampling, _options),
        };
        var input = new UnitInput { Text = composed.Text, Images = [.. prompt.Messages.SelectMany(message => message.Images)] };
        await using var lease = new TaskLease(_device, _pooled, setup, forgets: model.IsContextModel);
        var answer = new DeviceAnswer(model, prompt.Tokens);
        await foreach (var delta in lease.InferAsync(input, cancellation).ConfigureAwait(false))
        {
            if (answer.Append(delta.Text) is not { } piece) continue;
            yield return piece;
            if (piece.FinishReason != Protocol.FinishReason.None) yield break;
        }

        yield return answer.End();
    }

    /// <summary>Ends the idle tasks of the model, which frees the device's memory. It may be used again afterwards.</summary>
    public ValueTask DisposeAsync()
    {
        _device.Tasks.Clear(_pooled);
        return default;
    }
}
