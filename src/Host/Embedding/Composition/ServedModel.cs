using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>
/// A model that requests can be made to: its name, what it can take, and how a request becomes generations of it. All of that is
/// always there; what runs its generations (<see cref="Resident"/>) may come and go.
/// </summary>
public abstract class ServedModel : IDisposable
{
    private protected ServedModel(ResidentModel resident) => Resident = resident;

    public required string Name { get; init; }

    /// <summary>When the model's files were made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Changes when the same request may give another answer: other weights or another format.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Most tokens of an answer whose request names no limit; 0: as many as the context holds.</summary>
    public int DefaultMaxTokens { get; init; }

    /// <summary>Most tokens of any answer; 0: as many as the context holds.</summary>
    public int MaxTokensCeiling { get; init; }

    /// <summary>Most tokens of prompt and answer together.</summary>
    public abstract int MaxContextTokens { get; }

    /// <summary>Its engine and scheduler, loaded or not.</summary>
    public ResidentModel Resident { get; }

    /// <summary>Whether it is loaded before the server listens.</summary>
    internal bool LoadsAtStart { get; init; }

    /// <summary>Whether it may be unloaded while the server runs, or is not loaded yet.</summary>
    internal bool ComesAndGoes { get; init; }

    /// <summary>What a chat asks of it; or why that cannot be had.</summary>
    /// <param name="leaving">Nobody waits for it any more.</param>
    internal abstract ValueTask<(ChatPlan? Plan, ApiError? Error)> PlanAsync(ChatRequest request, DateTimeOffset now, CancellationToken leaving);

    /// <summary>What a text completion asks of it; or why that cannot be had.</summary>
    internal abstract (CompletionPlan? Plan, ApiError? Error) Plan(CompletionRequest request);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
