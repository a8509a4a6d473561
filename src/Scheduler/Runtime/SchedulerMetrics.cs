using System.Diagnostics.Metrics;

namespace StreamCore.Scheduler;

/// <summary>Instruments of all schedulers of a process, told apart by the tag <c>instance</c>.</summary>
public sealed class SchedulerMetrics : IDisposable
{
    public const string MeterName = "StreamCore.Scheduler";

    private readonly Meter _meter;

    public SchedulerMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(new MeterOptions(MeterName)) ?? new Meter(MeterName);
        Running = _meter.CreateUpDownCounter<int>("streamcore.generations.running", "{generation}", "Generations that hold cache blocks, or a place in a pool.");
        Waiting = _meter.CreateUpDownCounter<int>("streamcore.generations.waiting", "{generation}", "Accepted generations that do not.");
        Ended = _meter.CreateCounter<long>("streamcore.generations.ended", "{generation}", "Generations by outcome.");
        Refusals = _meter.CreateCounter<long>("streamcore.generations.refused", "{generation}", "Generations not accepted, by reason.");
        Tokens = _meter.CreateCounter<long>("streamcore.tokens", "{token}", "Tokens computed, by kind: prompt (recomputed ones too), generated, cached.");
        Drafts = _meter.CreateCounter<long>("streamcore.drafts", "{token}", "Drafted tokens that a step verified, by result: accepted, rejected.");
        Steps = _meter.CreateCounter<long>("streamcore.steps", "{step}", "Engine steps, by result.");
        StepDuration = _meter.CreateHistogram<double>("streamcore.step.duration", "s", "Time of a whole step: plan, run, sample, publish.");
        TimeToFirstToken = _meter.CreateHistogram<double>("streamcore.time_to_first_token", "s", "From submission to the first token.");
        SlotsFreed = _meter.CreateCounter<long>("streamcore.slots.freed", "{slot}", "Slots freed by cancellation, by phase and by whom.");
        Preemptions = _meter.CreateCounter<long>("streamcore.preemptions", "{generation}", "Generations that gave up their cache blocks and were computed again.");
        Failovers = _meter.CreateCounter<long>("streamcore.sessions.failovers", "{generation}", "Generations that went on to another place, by the member that failed.");
        Sessions = _meter.CreateUpDownCounter<int>("streamcore.sessions.running", "{generation}", "Places taken of a pool's members, by member.");
        SessionsEnded = _meter.CreateCounter<long>("streamcore.sessions.ended", "{generation}", "Runs of generations on a pool's members, by member and result.");
    }

    internal UpDownCounter<int> Running { get; }
    internal UpDownCounter<int> Waiting { get; }
    internal Counter<long> Ended { get; }
    internal Counter<long> Refusals { get; }
    internal Counter<long> Tokens { get; }
    internal Counter<long> Drafts { get; }
    internal Counter<long> Steps { get; }
    internal Histogram<double> StepDuration { get; }
    internal Histogram<double> TimeToFirstToken { get; }
    internal Counter<long> SlotsFreed { get; }
    internal Counter<long> Preemptions { get; }
    internal Counter<long> Failovers { get; }
    internal UpDownCounter<int> Sessions { get; }
    internal Counter<long> SessionsEnded { get; }

    public void Dispose() => _meter.Dispose();
}
