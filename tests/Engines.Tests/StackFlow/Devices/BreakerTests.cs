using StreamCore.Engines.StackFlow.Devices;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

public class BreakerTests
{
    private readonly ManualTime _time = new();
    private readonly Breaker _breaker;

    public BreakerTests() => _breaker = new Breaker(_time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), failuresUntilOpen: 3);

    [Fact]
    public void Each_failure_doubles_the_wait_up_to_the_longest()
    {
        Assert.Equal(BreakerState.Closed, _breaker.State);
        foreach (var seconds in new[] { 1, 2, 4, 8, 10, 10 })
        {
            _breaker.Failed();
            Assert.Equal(TimeSpan.FromSeconds(seconds), _breaker.Wait);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(BreakerState.HalfOpen, _breaker.State);
        }
    }

    [Fact]
    public void It_opens_after_several_failures_and_one_success_closes_it()
    {
        Assert.Equal([false, false, true, false], new[] { 1, 2, 3, 4 }.Select(_ => _breaker.Failed()));
        Assert.Equal(BreakerState.Open, _breaker.State);
        _breaker.Succeeded();
        Assert.Equal((BreakerState.Closed, TimeSpan.Zero), (_breaker.State, _breaker.Wait));
        _breaker.Failed();
        Assert.Equal((BreakerState.BackingOff, TimeSpan.FromSeconds(1)), (_breaker.State, _breaker.Wait));
    }

    [Fact]
    public void What_does_not_pass_by_itself_waits_longest_at_once()
    {
        _breaker.Trip();
        Assert.Equal((BreakerState.Open, TimeSpan.FromSeconds(10)), (_breaker.State, _breaker.Wait));
    }

    [Fact]
    public void A_thousand_failures_do_not_overflow()
    {
        for (var i = 0; i < 1000; i++) _breaker.Failed();
        Assert.Equal(TimeSpan.FromSeconds(10), _breaker.Wait);
    }
}
