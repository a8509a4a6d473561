using System.Buffers;
using System.Net;
using System.Text;

namespace StreamCore.Transport.Tests.InMemory;

/// <summary>.NET's own HTTP client, over connections that never leave the process.</summary>
public sealed class InMemoryStreamTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Requests_are_answered_one_after_the_other_on_one_connection()
    {
        var server = new TestServer(TestServer.EchoAsync);
        using var client = ClientOf(server);
        Assert.Equal("GET /a ", await client.GetStringAsync("/a").WaitAsync(Hang));
        using var answer = await client.PostAsync("/b", new StringContent("text")).WaitAsync(Hang);
        Assert.Equal("POST /b text", await answer.Content.ReadAsStringAsync());
        Assert.Equal(1, server.Handler.ConnectionCount);
    }

    [Fact]
    public void A_client_that_calls_synchronously_is_answered()
    {
        using var client = ClientOf(new(TestServer.EchoAsync));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("text") };
        using var answer = client.Send(request);
        using var body = new StreamReader(answer.Content.ReadAsStream());
        Assert.Equal("POST / text", body.ReadToEnd());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_bodies_go_both_ways(bool chunked)
    {
        var server = new TestServer(static async exchange =>
        {
            var content = await exchange.ReadBodyAsync(3_000_000);
            await exchange.RespondAsync(200, null, content.Bytes);
        });
        using var client = ClientOf(server);
        var sent = Enumerable.Range(0, 3_000_000).Select(static i => (byte)(i * 31 >> 3)).ToArray();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new ByteArrayContent(sent) };
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await client.SendAsync(request).WaitAsync(Hang);
        Assert.Equal(sent, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_an_answer_in_the_middle_is_noticed(bool byCancelling)
    {
        var left = new TaskCompletionSource();
        var server = new TestServer(async exchange =>
        {
            await using var leaving = exchange.Aborted.Register(left.SetResult);
            var body = exchange.StartStream(200, "text/plain");
            body.Write("first"u8);
            await body.FlushAsync();
            await left.Task;
        });
        using var client = ClientOf(server);
        using var leave = new CancellationTokenSource();
        var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead).WaitAsync(Hang);
        var stream = await answer.Content.ReadAsStreamAsync();
        Assert.Equal(5, await stream.ReadAsync(new byte[10]));
        if (byCancelling)
        {
            var pending = stream.ReadAsync(new byte[10], leave.Token);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        }
        answer.Dispose();
        await left.Task.WaitAsync(Hang);
        await UntilAsync(() => server.Handler.ConnectionCount == 0);
    }

    [Fact]
    public async Task An_answer_cut_short_is_an_error_to_its_reader()
    {
        var server = new TestServer(static async exchange =>
        {
            var body = exchange.StartStream(200, "text/plain");
            body.Write("first"u8);
            await body.FlushAsync();
            throw new InvalidOperationException("on purpose");
        });
        using var client = ClientOf(server);
        var fault = await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync("/").WaitAsync(Hang));
        Assert.IsNotType<OperationCanceledException>(fault.InnerException, exactMatch: false);
    }

    [Fact]
    public async Task A_refusal_reaches_a_client_that_is_still_sending()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxBodyBytes = 10);
        using var client = ClientOf(server);
        using var answer = await client.PostAsync("/", new ByteArrayContent(new byte[1_000_000])).WaitAsync(Hang);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_connection_too_many_is_told_so()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxConnections = 1);
        await using var first = server.Handler.OpenInMemory();
        await UntilAsync(() => server.Handler.ConnectionCount == 1);
        using var client = ClientOf(server);
        using var answer = await client.PostAsync("/", new StringContent("text")).WaitAsync(Hang);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Draining_ends_idle_connections_after_the_answers_in_hand()
    {
        var server = new TestServer(TestServer.EchoAsync);
        using var client = ClientOf(server);
        await client.GetStringAsync("/").WaitAsync(Hang);
        await server.Handler.DrainAsync(default).WaitAsync(Hang);
        Assert.Equal(0, server.Handler.ConnectionCount);
    }

    [Fact]
    public async Task Writing_without_end_to_a_server_that_has_gone_fails()
    {
        var server = new TestServer(TestServer.EchoAsync);
        await using var stream = server.Handler.OpenInMemory();
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var answer = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        Assert.EndsWith("GET / ", await answer.ReadToEndAsync().WaitAsync(Hang));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true) await stream.WriteAsync(new byte[1000]);
        });
    }

    [Fact]
    public async Task A_stream_may_be_closed_under_its_reader_and_its_writer()
    {
        var server = new TestServer(static exchange => new(Task.Delay(Timeout.Infinite, exchange.Aborted)));
        for (var i = 0; i < 50; i++)
        {
            var stream = server.Handler.OpenInMemory();
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
            var reading = stream.ReadAsync(new byte[1]).AsTask();
            var writing = stream.WriteAsync(new byte[1_000_000]).AsTask();
            await stream.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(Hang));
            await Assert.ThrowsAsync<ObjectDisposedException>(() => writing.WaitAsync(Hang));
        }
        await UntilAsync(() => server.Handler.ConnectionCount == 0);
        Assert.Empty(server.Log.Errors);
    }

    private static HttpClient ClientOf(TestServer server) => new(new SocketsHttpHandler
    {
        ConnectCallback = (_, _) => new(server.Handler.OpenInMemory()),
        UseProxy = false,
    })
    {
        BaseAddress = new Uri("http://in-memory/"),
    };

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 1000, "It never came to hold.");
            await Task.Delay(10);
        }
    }
}
