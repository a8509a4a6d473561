using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace StreamCore.Scheduler.Tests;

/// <summary>What one scheduler measured: sums by instrument, and by instrument and tag value.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string, string?), double> _sums = new();

    public RecordedMetrics(string instance)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SchedulerMetrics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instance, instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instance, instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instance, instrument, value, tags));
        _listener.Start();
    }

    public double Sum(string instrument, string? tag) => _sums.GetValueOrDefault((instrument, tag));

    public void Dispose() => _listener.Dispose();

    private void Add(string instance, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags[0].Value as string != instance) return;
        _sums.AddOrUpdate((instrument.Name, null), value, (_, sum) => sum + value);
        foreach (var tag in tags[1..]) _sums.AddOrUpdate((instrument.Name, tag.Value as string), value, (_, sum) => sum + value);
    }
}
