using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace StreamCore.HttpBench.Peers;

/// <summary>Prepared bytes written to the connections that ours are given: what our layer costs above this is its own.</summary>
internal static class PipePeer
{
    public static Task<int> StartAsync(TokenSource source, PreparedAnswer answer) =>
        KestrelConnections.ListenAsync(connection => ServeAsync(connection.Transport, source, answer));

    private static async Task ServeAsync(IDuplexPipe pipe, TokenSource source, PreparedAnswer answer)
    {
        try
        {
            while (await pipe.Input.ReadAsync() is { IsCompleted: false } read)
            {
                var isGet = read.Buffer.FirstSpan[0] == 'G';
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (isGet)
                {
                    await pipe.Output.WriteAsync(answer.Models);
                    continue;
                }
                await Task.Yield(); // off the socket's thread, as what has a body
                await StreamAsync(pipe.Output, source, answer);
            }
        }
        catch (ConnectionResetException)
        {
            // The client has left.
        }
    }

    private static async Task StreamAsync(PipeWriter output, TokenSource source, PreparedAnswer answer)
    {
        await output.WriteAsync(answer.Start);
        using var tokens = source.Open();
        byte[]? paced = null;
        var burst = 0;
        while (await tokens.WaitAsync())
        {
            var written = false;
            while (tokens.TryTake(out var token))
            {
                if (token.Due == 0) continue;
                answer.Patch(paced ??= [.. answer.Paced], token);
                if ((await output.WriteAsync(paced)).IsCompleted) return;
                written = true;
            }

            if (!written && (await output.WriteAsync(answer.Bursts[burst++])).IsCompleted) return;
        }

        await output.WriteAsync(answer.End);
    }
}
