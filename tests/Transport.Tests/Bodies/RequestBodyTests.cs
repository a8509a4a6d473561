using System.Text;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Bodies;

public sealed class RequestBodyTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: h\r\n";

    [Theory]
    [InlineData("Content-Length: 3\r\n\r\nab", "BodyCutShort")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "BodyCutShort")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", "BodyCutShort")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nx\r\n", "InvalidChunkSize")]
    [InlineData("Content-Length: 11\r\n\r\n", "BodyTooLarge")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n5\r\nabcde\r\n0\r\n\r\n", "BodyTooLarge")]
    public async Task A_body_that_is_refused_is_answered_and_the_connection_closed(string message, string rejection)
    {
        var server = new TestServer(ReadUpToTenAsync);
        var received = await server.Connect().SendAllAsync(Post + message);
        Assert.Contains("\r\nConnection: close\r\n", received);
        Assert.Contains("\r\n\r\n" + rejection + ": ", received);
    }

    [Fact]
    public async Task The_limit_of_the_options_holds_whatever_the_application_reads()
    {
        var server = new TestServer(TestServer.EchoAsync, static o => o.MaxBodyBytes = 4);
        Assert.Contains("BodyTooLarge", await server.Connect().SendAllAsync(Post + "Content-Length: 5\r\n\r\n12345"));
        Assert.Contains("BodyTooLarge", await server.Connect().SendAllAsync(Post + "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n"));
        Assert.Contains("1234", await server.Connect().SendAllAsync(Post + "Content-Length: 4\r\n\r\n1234"));
    }

    [Theory]
    [InlineData("Content-Length: 300000\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n493e0\r\n")]
    public async Task A_large_body_that_comes_in_pieces_is_read_whole(string framing)
    {
        var connection = new TestServer(static async exchange =>
        {
            var content = await exchange.ReadBodyAsync(300_000);
            await exchange.RespondAsync(200, null, content.Bytes);
        }).Connect();
        await connection.SendAsync(Post + framing);
        for (var i = 0; i < 300; i++) await connection.SendAsync(new string((char)('a' + i % 26), 1000));
        if (framing.StartsWith('T')) await connection.SendAsync("\r\n0\r\n\r\n");

        var body = (await connection.ReceiveResponseAsync()).Body;
        Assert.Equal(300_000, body.Length);
        Assert.Equal(string.Concat(Enumerable.Range(0, 300).Select(static i => (char)('a' + i % 26))), string.Concat(body.Where(static (_, i) => i % 1000 == 0)));
    }

    [Fact]
    public async Task A_stream_gives_the_body_and_its_rejection_is_answered()
    {
        var server = new TestServer(static async exchange =>
        {
            using var text = new StreamReader(exchange.Body.AsStream(), Encoding.Latin1);
            await exchange.RespondAsync(200, null, Encoding.Latin1.GetBytes(await text.ReadToEndAsync()));
        });
        Assert.EndsWith("\r\n\r\nabcde", await server.Connect().SendAllAsync(Post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
        Assert.Contains("InvalidChunkSize", await server.Connect().SendAllAsync(Post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n?\r\n"));
    }

    [Fact]
    public async Task Continue_is_sent_when_the_body_is_read_and_not_before()
    {
        var read = new TaskCompletionSource();
        var server = new TestServer(async exchange =>
        {
            await read.Task;
            await TestServer.EchoAsync(exchange);
        });
        var connection = server.Connect();
        await connection.SendAsync(Post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal("", connection.Client.ReceiveAvailable());
        read.SetResult();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await connection.Client.ReceiveThroughAsync("\r\n\r\n"));
        await connection.SendAsync("ab");
        Assert.Equal("POST / ab", (await connection.ReceiveResponseAsync()).Body);
        Assert.False(connection.Served.IsCompleted);
    }

    [Fact]
    public async Task A_body_never_asked_for_is_never_waited_for()
    {
        var server = new TestServer(static exchange => exchange.RespondAsync(401, null, default));
        var connection = server.Connect();
        await connection.SendAsync(Post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        var response = await connection.ReceiveResponseAsync();
        Assert.Equal((401, "close"), (response.Status, response.Header("Connection")));
        connection.Client.CloseSending();
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
    }

    private static async ValueTask ReadUpToTenAsync(HttpExchange exchange)
    {
        var content = await exchange.ReadBodyAsync(10);
        Assert.True(content.IsRejected);
        Assert.NotEqual(HttpRejection.None, content.Rejection);
        await exchange.RejectAsync(content.Rejection);
    }
}
