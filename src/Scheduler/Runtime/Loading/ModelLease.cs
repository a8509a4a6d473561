namespace StreamCore.Scheduler.Loading;

/// <summary>The use of a loaded model. It stays loaded until this is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly ResidentModels _all;
    private readonly ResidentModel _model;
    private int _isDisposed;

    internal ModelLease(ResidentModels all, ResidentModel model, IGenerationScheduler scheduler)
    {
        _all = all;
        _model = model;
        Scheduler = scheduler;
    }

    public IGenerationScheduler Scheduler { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _all.Return(_model);
    }
}

/// <summary>A lease, or why there is none.</summary>
/// <param name="Fault">What loading failed with.</param>
public readonly record struct LeaseAnswer(ModelLease? Lease, Refusal Refusal, Exception? Fault = null)
{
    internal static LeaseAnswer Refused(RefusalReason reason, Exception? fault = null) => new(null, new Refusal(reason, TimeSpan.Zero), fault);
}
