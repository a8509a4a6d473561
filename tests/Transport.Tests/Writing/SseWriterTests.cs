using System.Buffers;
using System.IO.Pipelines;
using StreamCore.TestKit;
using StreamCore.Transport.Connections;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Tests.Writing;

public sealed class SseWriterTests
{
    [Fact]
    public async Task What_is_ready_goes_out_as_one_chunk_with_one_flush()
    {
        var next = new TaskCompletionSource();
        var server = new TestServer(async exchange =>
        {
            var sse = exchange.StartSse();
            Event(sse, "{\"a\":1}"u8);
            Event(sse, "{\"a\":2}"u8);
            await sse.FlushAsync();
            await next.Task;
            sse.BeginEvent("named"u8);
            sse.Write("x"u8);
            sse.EndEvent();
            sse.Comment("keep-alive"u8);
            sse.WriteDone();
            await sse.CompleteAsync();
        });
        var connection = server.Connect();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

        var head = await connection.Client.ReceiveThroughAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head);
        Assert.Contains("\r\nContent-Type: text/event-stream\r\n", head);
        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", head);
        Assert.Contains("\r\nCache-Control: no-cache\r\n", head);
        Assert.Equal("1e\r\ndata: {\"a\":1}\n\ndata: {\"a\":2}\n\n\r\n", connection.Client.ReceiveAvailable());
        next.SetResult();
        Assert.Equal("32\r\nevent: named\ndata: x\n\n: keep-alive\n\ndata: [DONE]\n\n\r\n0\r\n\r\n", connection.Client.ReceiveAvailable());
        Assert.False(connection.Served.IsCompleted);
    }

    [Fact]
    public async Task An_HTTP_1_0_client_gets_the_stream_without_chunks_and_is_closed()
    {
        var received = await new TestServer(StreamOneAsync).Connect().SendAllAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Assert.DoesNotContain("Transfer-Encoding", received);
        Assert.Contains("\r\nConnection: close\r\n", received);
        Assert.EndsWith("\r\n\r\ndata: 1\n\n", received);
    }

    [Fact]
    public async Task HEAD_gets_the_head_of_the_stream_alone()
    {
        var connection = new TestServer(StreamOneAsync).Connect();
        await connection.SendAsync("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.EndsWith("\r\n\r\n", connection.Client.ReceiveAvailable());
        Assert.False(connection.Served.IsCompleted);
    }

    [Fact]
    public async Task A_long_event_is_one_chunk_of_the_right_size()
    {
        var data = new byte[100_000];
        data.AsSpan().Fill((byte)'x');
        var connection = new TestServer(async exchange =>
        {
            var stream = exchange.StartStream(200, "audio/wav");
            stream.Write(data);
            await stream.CompleteAsync();
        }).Connect();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(new string('x', 100_000), (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        var pipe = new Pipe(new PipeOptions(useSynchronizationContext: false));
        using var output = new ConnectionOutput(pipe.Writer, TimeSpan.FromSeconds(1), TimeProvider.System, static () => { }, static () => { });
        var sse = new SseWriter(new BodyWriter(output, BodyFraming.Chunked));
        Assert.Equal(0, AllocatedBytes.Least(() => SendEvents(sse, pipe.Reader, 10_000)));
    }

    private static void SendEvents(SseWriter sse, PipeReader reader, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Event(sse, "{\"id\":\"chatcmpl-123\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"}}]}"u8);
            var flush = sse.FlushAsync();
            if (!flush.IsCompletedSuccessfully || !flush.Result || !reader.TryRead(out var read)) throw new InvalidOperationException();
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static async ValueTask StreamOneAsync(HttpExchange exchange)
    {
        var sse = exchange.StartSse();
        Event(sse, "1"u8);
        await sse.CompleteAsync();
    }

    private static void Event(SseWriter sse, ReadOnlySpan<byte> data)
    {
        sse.BeginEvent();
        sse.Write(data);
        sse.EndEvent();
    }
}
