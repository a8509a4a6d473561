namespace StreamCore.Scheduler.Loading;

/// <summary>A request that waits for a model.</summary>
/// <param name="place">Its place in line, over all models.</param>
internal sealed class Waiter(long place)
{
    // Answered under the lock of all models: who waited must not go on there.
    private readonly TaskCompletionSource<LeaseAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Place { get; } = place;

    public Task<LeaseAnswer> Answer => _answer.Task;

    public void Set(LeaseAnswer answer) => _answer.TrySetResult(answer);

    public void Cancel(CancellationToken leaving) => _answer.TrySetCanceled(leaving);
}
