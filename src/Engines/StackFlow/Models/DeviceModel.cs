using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>A model on one StackFlow device. The pool that made it owns its device.</summary>
public sealed class DeviceModel : ISessionEngine
{
    internal DeviceModel(string name, SessionModel model)
    {
        Name = name;
        Model = model;
    }

    public event Action? CapacityChanged;

    /// <summary>The device's and the model's.</summary>
    public string Name { get; }

    /// <summary>What the model takes on this device.</summary>
    public SessionModel Model { get; private set; }

    /// <summary>Tasks the device can have of the model now, running ones included; 0 while it is out of reach or the model out of order.</summary>
    public int Capacity => 0;

    public bool CanRun(GenerationRequest request) => Model.Unsupported(request) is null;

    public IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Ends the idle tasks of the model, which frees the device's memory. It may be used again afterwards.</summary>
    public ValueTask DisposeAsync()
    {
        CapacityChanged?.Invoke();
        return default;
    }
}
