using StreamCore.Transport.Sockets;

namespace StreamCore.Transport.Tests.Sockets;

public sealed class IoThreadsTests
{
    [Fact]
    public async Task Who_leaves_a_thread_that_is_not_of_the_pool_goes_on_on_one_that_is()
    {
        var after = new TaskCompletionSource<bool>();
        OnOwnThread(async () =>
        {
            await IoThreads.LeaveAsync();
            after.SetResult(Thread.CurrentThread.IsThreadPoolThread);
        });
        Assert.True(await after.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Who_is_on_the_pool_does_not_leave()
    {
        var done = new TaskCompletionSource<bool>();
        ThreadPool.UnsafeQueueUserWorkItem(_ => done.SetResult(IoThreads.LeaveAsync().IsCompleted), null);
        Assert.True(await done.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task What_is_sent_from_a_socket_thread_is_sent_there_and_by_the_pool_otherwise()
    {
        var there = new TaskCompletionSource<bool>();
        OnOwnThread(() =>
        {
            var own = Environment.CurrentManagedThreadId;
            var ran = 0;
            IoThreads.Scheduler.Schedule(_ => ran = Environment.CurrentManagedThreadId, null);
            there.SetResult(ran == own);
        });
        Assert.True(await there.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        var later = new TaskCompletionSource<bool>();
        ThreadPool.UnsafeQueueUserWorkItem(_ =>
        {
            var within = true;
            IoThreads.Scheduler.Schedule(_ => later.SetResult(within), null);
            within = false;
        }, null);
        Assert.False(await later.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private static void OnOwnThread(Action action) => new Thread(() => action()) { IsBackground = true }.Start();
}
