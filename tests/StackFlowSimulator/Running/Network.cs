namespace StreamCore.StackFlowSimulator.Running;

/// <summary>The cable. While it is out, what is on its way stays there.</summary>
internal sealed class Network
{
    private TaskCompletionSource _plugged = Completed();

    /// <summary>Completed while the cable is in.</summary>
    public Task Plugged => Volatile.Read(ref _plugged).Task;

    public void Unplug()
    {
        if (Plugged.IsCompleted) Volatile.Write(ref _plugged, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public void Plug() => Volatile.Read(ref _plugged).TrySetResult();

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
