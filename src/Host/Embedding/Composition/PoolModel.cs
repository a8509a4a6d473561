using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Host.Planning;
using StreamCore.Protocol;
using StreamCore.Scheduler.Loading;

namespace StreamCore.Host.Composition;

/// <summary>A model on devices, which take text, make tokens of it themselves and tell none of them.</summary>
internal sealed class PoolModel : ServedModel
{
    /// <summary>Seconds after which a device may be back that cannot be reached.</summary>
    private const int RetryLater = 5;

    private readonly StackFlowPool _pool;

    public PoolModel(StackFlowPool pool, ResidentModel resident)
        : base(resident) => _pool = pool;

    public override int MaxContextTokens => Facts.MaxContextTokens;

    /// <summary>What it takes, as far as is known: devices tell more of it than its name does.</summary>
    public SessionModel Facts => _pool.Find(Name) ?? throw new InvalidOperationException($"The devices have forgotten the model '{Name}'.");

    internal override ValueTask<(ChatPlan? Plan, ApiError? Error)> PlanAsync(ChatRequest request, DateTimeOffset now, CancellationToken leaving) =>
        new(SessionPlans.TryPlan(this, request, out var plan, out var error) && IsReachable(out error) ? (plan, null) : (null, error));

    internal override (CompletionPlan? Plan, ApiError? Error) Plan(CompletionRequest request) =>
        SessionPlans.TryPlan(this, request, out var plan, out var error) && IsReachable(out error) ? (plan, null) : (null, error);

    private bool IsReachable(out ApiError? error)
    {
        error = _pool.EnginesOf(Name).Any(engine => engine.Capacity > 0)
            ? null
            : ApiError.Unavailable($"No device that has the model '{Name}' can be reached now. Please try again later.", RetryLater);
        return error is null;
    }
}
