using System.Text.Json;

namespace StreamCore.HttpBench.Report;

/// <summary>All readings, for whoever compares runs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write(string path, IReadOnlyList<Reading> readings, string before, string after)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(path, JsonSerializer.Serialize(new { before, after, readings }, Options));
    }
}
