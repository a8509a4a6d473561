using StreamCore.HttpBench.Peers;

namespace StreamCore.HttpBench.Load;

/// <summary>Peers that say different things cannot be compared: checked before anything is measured.</summary>
internal static class SameBytes
{
    public static async Task CheckAsync()
    {
        string? stream = null, models = null;
        foreach (var settings in new PeerSettings[] { new("streamcore", 20), new("streamcore", 20, Burst: 16), new("aspnet", 20), new("pipe", 20), new("socket", 20) })
        {
            await using var peer = await PeerProcess.StartAsync(settings);
            stream = Same(stream, await BodyAsync(peer, Requests.Stream), settings);
            models = Same(models, await BodyAsync(peer, Requests.Models), settings);
        }
    }

    private static string Same(string? before, string body, PeerSettings peer)
    {
        if (before is null || before == body) return body;
        var at = before.AsSpan().CommonPrefixLength(body);
        throw new InvalidOperationException($"{peer.Peer} answers differently after: {body[..at]}");
    }

    private static async Task<string> BodyAsync(PeerProcess peer, byte[] request)
    {
        using var client = new RawClient(1024 * 1024);
        await client.ConnectAsync(peer.EndPoint);
        await client.SendAsync(request);
        var received = 0;
        while (true)
        {
            var all = await client.ReceiveAsync(received);
            received = all.Length;
            if (AnswerParts.WholeLength(all.Span) == received) return AnswerParts.Body(all.Span);
        }
    }
}
