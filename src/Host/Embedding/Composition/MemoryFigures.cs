using System.Globalization;
using StreamCore.Engines.Onnx;

namespace StreamCore.Host.Composition;

/// <summary>Whether models fit their budget, and the numbers in words.</summary>
internal static class MemoryFigures
{
    /// <exception cref="StartupException">The model could never be loaded.</exception>
    public static void CheckFits(string name, OnnxMemory memory, long? budget)
    {
        if (budget is not { } limit || memory.TotalBytes <= limit) return;
        throw new StartupException(
            $"The model '{name}' takes up to {Text(memory.TotalBytes)} (weights {Text(memory.WeightBytes)}, cache {Text(memory.CacheBytes)}, " +
            $"working memory {Text(memory.WorkingBytes)}), but memory.budget is {Text(limit)}: raise it, or lower engine.cacheBytes.");
    }

    /// <exception cref="StartupException">They could not be loaded side by side.</exception>
    public static void CheckStart(IReadOnlyList<ServedModel> models, long? budget)
    {
        var atStart = models.Where(model => model.LoadsAtStart).ToArray();
        if (budget is not { } limit || atStart.Sum(model => model.Resident.Bytes) <= limit) return;
        var list = string.Join(", ", atStart.Select(model => $"'{model.Name}' {Text(model.Resident.Bytes)}"));
        throw new StartupException(
            $"The models that are loaded at start take up to {Text(atStart.Sum(model => model.Resident.Bytes))} together ({list}), but memory.budget is " +
            $"{Text(limit)}: raise it, or set load: demand for some of them.");
    }

    public static string Text(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB");
}
