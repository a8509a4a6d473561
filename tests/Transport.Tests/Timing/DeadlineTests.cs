using StreamCore.TestKit;
using StreamCore.Transport.Timing;

namespace StreamCore.Transport.Tests.Timing;

public sealed class DeadlineTests
{
    private readonly ManualTime _time = new();
    private int _expired;

    [Fact]
    public void It_expires_once_when_its_time_has_come()
    {
        using var deadline = New();
        deadline.Start(TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, _expired);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void A_stopped_one_does_not_expire()
    {
        using var deadline = New();
        deadline.Start(TimeSpan.FromSeconds(2));
        deadline.Stop();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, _expired);
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(2, 5)]
    public void A_new_start_replaces_the_one_before(double first, double second)
    {
        using var deadline = New();
        deadline.Start(TimeSpan.FromSeconds(first));
        deadline.Start(TimeSpan.FromSeconds(second));
        _time.Advance(TimeSpan.FromSeconds(second - 0.1));
        Assert.Equal(0, _expired);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, _expired);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void One_already_past_expires_at_once()
    {
        using var deadline = New();
        deadline.Start(TimeSpan.FromSeconds(-1));
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, _expired);
    }

    private Deadline New() => new(_time, () => _expired++);
}
