using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Host.Endpoints;
using StreamCore.TestKit;
using StreamCore.Transport;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Writing;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A stream on which the model is silent gets comments, and only then.</summary>
public class SilentStreams
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_comment_comes_for_each_interval_of_silence_between_whole_events()
    {
        var app = new Scripted(_time, Interval);
        var connection = Serve(app);
        await connection.ReceiveThroughAsync("\r\n\r\n");

        Pass(9);
        Assert.Equal("", connection.ReceiveAvailable());
        Pass(1);
        Assert.Contains(": keep-alive\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);
        Pass(10);
        Assert.Contains(": keep-alive\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);

        Pass(6);
        app.Speak();
        Assert.Contains("data: word\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);
        Pass(9); // less than an interval since the word
        Assert.Equal("", connection.ReceiveAvailable());
        Pass(1);
        Assert.Contains(": keep-alive\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);

        app.End();
        Assert.Contains("data: [DONE]\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);
        Pass(30);
        Assert.Equal("", connection.ReceiveAvailable());
    }

    [Fact]
    public async Task Zero_sends_none()
    {
        var app = new Scripted(_time, TimeSpan.Zero);
        var connection = Serve(app);
        await connection.ReceiveThroughAsync("\r\n\r\n");
        Pass(29);
        Assert.Equal("", connection.ReceiveAvailable());
        app.End();
        Assert.Contains("data: [DONE]\n\n", connection.ReceiveAvailable(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_token_allocates_nothing()
    {
        var app = new Scripted(_time, Interval);
        var connection = Serve(app);
        await connection.ReceiveThroughAsync("\r\n\r\n");
        using var keepAlive = new KeepAlive(app.Sse!, Interval, TimeProvider.System);
        Assert.Equal(0, AllocatedBytes.Least(() => Turns(1000)));
        app.End();

        void Turns(int count)
        {
            for (var i = 0; i < count; i++)
            {
                keepAlive.Resume();
                Assert.True(keepAlive.PauseAsync().IsCompletedSuccessfully);
            }
        }
    }

    private InMemoryConnection Serve(Scripted app)
    {
        var connection = new InMemoryConnection();
        var handler = new HttpConnectionHandler(app, new TransportOptions(), _time, NullLogger<HttpConnectionHandler>.Instance);
        _ = handler.ServeAsync(connection.Server, default, CancellationToken.None);
        _ = connection.SendAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        return connection;
    }

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>A stream that speaks when the test says so, in the way that answers are streamed.</summary>
    private sealed class Scripted(TimeProvider time, TimeSpan interval) : IHttpApplication
    {
        private TaskCompletionSource<bool> _next = new();

        public SseWriter? Sse { get; private set; }

        public void Speak() => Set(true);

        public void End() => Set(false);

        public async ValueTask HandleAsync(HttpExchange exchange)
        {
            var sse = Sse = exchange.StartSse();
            using var keepAlive = new KeepAlive(sse, interval, time);
            while (await sse.FlushAsync())
            {
                keepAlive.Resume();
                var speaks = await _next.Task;
                await keepAlive.PauseAsync();
                if (!speaks) break;
                sse.BeginEvent();
                sse.Write("word"u8);
                sse.EndEvent();
            }

            sse.WriteDone();
            await sse.CompleteAsync();
        }

        public string DescribeRejection(RejectionAnswer answer, IBufferWriter<byte> body) => "text/plain";

        private void Set(bool speaks)
        {
            var now = _next;
            _next = new();
            now.SetResult(speaks);
        }
    }
}
