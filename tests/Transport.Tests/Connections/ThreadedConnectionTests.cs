using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests.Connections;

/// <summary>Pipelined requests cut at random over real threads: the pending read changes hands in every order there is.</summary>
public sealed class ThreadedConnectionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_byte_is_lost_or_doubled_when_everything_happens_at_once(int seed)
    {
        const int requests = 500;
        var server = new TestServer(AnswerAsync, static o => o.MaxPipelinedBytes = 200);
        var connection = server.Connect(unreadLimit: 2000, scheduler: PipeScheduler.ThreadPool);
        var sending = SendAsync(connection, requests, new Random(seed));
        for (var i = 0; i < requests; i++)
        {
            var body = (await connection.ReceiveResponseAsync()).Body;
            Assert.Equal(i % 3 == 0 ? $"GET /{i} " : $"POST /{i} body {i}", body);
        }
        await sending;
        connection.Client.CloseSending();
        await connection.Served.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private static async ValueTask AnswerAsync(HttpExchange exchange)
    {
        if (exchange.Request.Path.EndsWith('5')) await Task.Yield();
        if (!exchange.Request.Path.EndsWith('7'))
        {
            await TestServer.EchoAsync(exchange);
            return;
        }
        var content = await exchange.ReadBodyAsync(100);
        await Task.Yield();
        var stream = exchange.StartStream(200, "text/plain");
        stream.Write(Encoding.ASCII.GetBytes($"{exchange.Request.Method} {exchange.Request.Path} "));
        await stream.FlushAsync();
        stream.Write(content.Bytes.Span);
        await stream.CompleteAsync();
    }

    private static async Task SendAsync(ServedConnection connection, int requests, Random random)
    {
        var all = new StringBuilder();
        for (var i = 0; i < requests; i++)
        {
            var body = $"body {i}";
            all.Append(i % 3 == 0 ? $"GET /{i} HTTP/1.1\r\nHost: h\r\n\r\n"
                : i % 3 == 1 ? $"POST /{i} HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                : $"POST /{i} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n{body.Length - 4:x}\r\n{body[4..]}\r\n0\r\n\r\n");
        }
        var text = all.ToString();
        for (var at = 0; at < text.Length;)
        {
            var count = Math.Min(random.Next(1, 120), text.Length - at);
            await connection.SendAsync(text.Substring(at, count));
            at += count;
            if (random.Next(4) == 0) await Task.Yield();
        }
    }
}
