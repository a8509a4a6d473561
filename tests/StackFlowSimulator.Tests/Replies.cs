using System.Text.Json;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>Reading of replies.</summary>
internal static class Replies
{
    /// <summary>The deltas of a stream joined.</summary>
    public static string Text(params IEnumerable<string> lines) =>
        string.Concat(lines.Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("data"))
            .Where(static data => data.ValueKind == JsonValueKind.Object).Select(static data => data.GetProperty("delta").GetString()));

    /// <summary>The finished answers.</summary>
    public static int Finishes(params IEnumerable<string> lines) => lines.Count(static line => line.Contains("\"finish\":true", StringComparison.Ordinal));

    public static string RequestId(string line) => JsonDocument.Parse(line).RootElement.GetProperty("request_id").GetString()!;

    public static int Index(string line) => JsonDocument.Parse(line).RootElement.GetProperty("data").GetProperty("index").GetInt32();

    public static int Code(string line) => JsonDocument.Parse(line).RootElement.GetProperty("error").GetProperty("code").GetInt32();

    /// <summary>The data of a whole answer.</summary>
    public static string Data(string line) => JsonDocument.Parse(line).RootElement.GetProperty("data").GetString()!;
}
