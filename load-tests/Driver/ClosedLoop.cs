using System.Diagnostics;
using System.Globalization;

namespace StreamCore.LoadTests;

/// <summary>What a wave of concurrent chats gave together.</summary>
internal sealed record WaveResult(int Clients, double TokensPerSecond, TimeSpan SlowestFirstToken);

/// <summary>Closed loop: each client sends its next request when its last answer is complete.</summary>
internal sealed class ClosedLoop(HttpClient http, string model, int promptWords, int maxTokens)
{
    /// <summary>One request from each of <paramref name="clients"/> clients at once; every prompt is different.</summary>
    public async Task<WaveResult> WaveAsync(int clients, int round, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        var chats = await Task.WhenAll(Enumerable.Range(0, clients)
            .Select(client => ChatStream.RunAsync(http, model, Prompt(client, round), maxTokens, stop)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new WaveResult(clients, chats.Sum(c => c.CompletionTokens) / seconds, chats.Max(c => c.TimeToFirstToken));
    }

    private string Prompt(int client, int round)
    {
        var random = new Random((client * 7919) + round);
        return string.Join(' ', Enumerable.Range(0, promptWords).Select(_ => random.Next(10_000).ToString(CultureInfo.InvariantCulture)));
    }
}
