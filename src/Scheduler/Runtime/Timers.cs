namespace StreamCore.Scheduler;

/// <summary>Timers for what is due next.</summary>
internal static class Timers
{
    private const double MaxMilliseconds = 24 * 3600 * 1000;

    /// <summary>Lets it fire once, when so much time has passed. It may fire too early, and is to be set again then: timers go by whole milliseconds,
    /// and none can be set for months.</summary>
    public static void FireWithin(this ITimer timer, TimeSpan left) =>
        timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, MaxMilliseconds)), Timeout.InfiniteTimeSpan);
}
