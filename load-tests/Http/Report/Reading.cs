namespace StreamCore.HttpBench.Report;

/// <summary>One figure of one variant in one round.</summary>
internal sealed record Reading(string Measure, string Metric, string Variant, int Round, double Value);
