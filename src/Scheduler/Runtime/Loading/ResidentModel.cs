using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler.Loading;

/// <summary>A model of <see cref="ResidentModels"/>, loaded or not. Safe for many threads.</summary>
public sealed class ResidentModel
{
    private readonly ResidentModels _all;

    internal ResidentModel(ResidentModels all, ResidentOptions options)
    {
        _all = all;
        Options = options;
    }

    public string Name => Options.Name;

    /// <inheritdoc cref="ResidentOptions.Bytes"/>
    public long Bytes => Options.Bytes;

    /// <summary><c>unloaded</c>, <c>loading</c>, <c>loaded</c> or <c>unloading</c>.</summary>
    public string Status => Phase switch
    {
        ResidencyPhase.Absent => "unloaded",
        ResidencyPhase.Loading => "loading",
        ResidencyPhase.Unloading => "unloading",
        _ => "loaded",
    };

    internal ResidentOptions Options { get; }

    // All below is changed under the lock of all models.

    internal ResidencyPhase Phase { get; set; }

    internal EngineInstance? Instance { get; set; }

    internal int Users { get; set; }

    /// <summary>In the order in which they came.</summary>
    internal LinkedList<Waiter> Waiters { get; } = [];

    internal long LastUsed { get; set; }

    /// <summary>Timestamp at which the last use began or ended.</summary>
    internal long UsedAt { get; set; }

    /// <summary>Gives the model's scheduler until the lease is disposed: at once where it is loaded, else when it has been, and its turn has come.</summary>
    /// <param name="leaving">Nobody waits for it any more.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <exception cref="OperationCanceledException">For <paramref name="leaving"/>.</exception>
    public ValueTask<LeaseAnswer> LeaseAsync(TimeSpan timeout, CancellationToken leaving) => _all.LeaseAsync(this, timeout, leaving);
}
