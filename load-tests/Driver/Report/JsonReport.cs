using System.Text.Json;
using StreamCore.LoadTests.Measures;

namespace StreamCore.LoadTests.Report;

/// <summary>All results, for whoever compares runs; the driver reads them back to make one report of several.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Write(BenchResult result) => JsonSerializer.Serialize(result, Options);

    /// <exception cref="UsageException">The text is not such results.</exception>
    public static BenchResult Read(string json, string fileName)
    {
        try
        {
            return JsonSerializer.Deserialize<BenchResult>(json, Options) is { Runs: not null } result ? result : throw new UsageException($"{fileName}: holds no results.");
        }
        catch (JsonException fault)
        {
            throw new UsageException($"{fileName}: is not the driver's JSON: {fault.Message}");
        }
    }

    /// <summary>Several results as one. Where two files name a server alike, the file's name tells them apart.</summary>
    public static BenchResult Join(IReadOnlyList<(string FileName, BenchResult Result)> files)
    {
        if (files.Select(file => file.Result.Scenario).Distinct().ToArray() is { Length: > 1 } several)
            throw new UsageException($"The files are of different scenarios: {string.Join(", ", several)}.");
        var twice = files.SelectMany(file => file.Result.Runs.Select(run => run.Server).Distinct()).GroupBy(server => server).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        var runs = files.SelectMany(file => file.Result.Runs.Select(run => twice.Contains(run.Server) ? run with { Server = $"{run.Server}, {file.FileName}" } : run));
        return files[0].Result with { Runs = [.. runs] };
    }
}
