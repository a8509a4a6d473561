namespace StreamCore.Transport.Tests.Connections;

public sealed class KeepAliveTests
{
    private readonly TestServer _server = new(TestServer.EchoAsync);

    [Fact]
    public async Task An_answer_has_status_date_request_id_type_and_length()
    {
        var connection = _server.Connect();
        await connection.SendAsync("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        var response = await connection.ReceiveResponseAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\nx-request-id: req_", response.Head);
        Assert.Matches("^req_[0-9a-f]{32}$", response.Header("x-request-id"));
        Assert.Equal("text/plain", response.Header("Content-Type"));
        Assert.Null(response.Header("Connection"));
        Assert.Equal("GET /a ", response.Body);
    }

    [Fact]
    public async Task A_connection_serves_one_request_after_another()
    {
        var connection = _server.Connect();
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync($"POST /{i} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
            Assert.Equal($"POST /{i} ab", (await connection.ReceiveResponseAsync()).Body);
        }
        Assert.False(connection.Served.IsCompleted);
        connection.Client.CloseSending();
        Assert.Equal("", await connection.Client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        var connection = _server.Connect();
        await connection.SendAsync("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
            + "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            + "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("GET /1 ", (await connection.ReceiveResponseAsync()).Body);
        Assert.Equal("POST /2 abc", (await connection.ReceiveResponseAsync()).Body);
        Assert.Equal("GET /3 ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task A_client_that_asks_to_close_is_told_so_and_closed()
    {
        var connection = _server.Connect();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n");
        Assert.Contains("\r\nConnection: close\r\n", await connection.Client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task An_HTTP_1_0_client_is_closed_unless_it_asks_to_stay()
    {
        var closing = _server.Connect();
        await closing.SendAsync("GET / HTTP/1.0\r\n\r\n");
        Assert.Contains("\r\nConnection: close\r\n", await closing.Client.ReceiveToEndAsync());

        var staying = _server.Connect();
        await staying.SendAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Assert.Equal("keep-alive", (await staying.ReceiveResponseAsync()).Header("Connection"));
        Assert.False(staying.Served.IsCompleted);
    }

    [Fact]
    public async Task HEAD_gets_the_length_without_the_body()
    {
        var connection = _server.Connect();
        await connection.SendAsync("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("8", (await connection.ReceiveResponseAsync(toHead: true)).Header("Content-Length"));
        Assert.Equal("GET /y ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task Empty_lines_before_a_request_are_ignored()
    {
        var connection = _server.Connect();
        await connection.SendAsync("\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("GET /a ", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task A_short_unread_body_is_discarded_and_the_connection_kept()
    {
        var server = new TestServer(exchange => exchange.RespondAsync(200, "text/plain", "ok"u8.ToArray()));
        var connection = server.Connect();
        await connection.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("ok", (await connection.ReceiveResponseAsync()).Body);
        Assert.Equal("ok", (await connection.ReceiveResponseAsync()).Body);
    }

    [Fact]
    public async Task A_long_unread_body_closes_the_connection()
    {
        var server = new TestServer(exchange => exchange.RespondAsync(200, "text/plain", "ok"u8.ToArray()));
        var connection = server.Connect();
        await connection.SendAsync("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n12345");
        Assert.Equal("close", (await connection.ReceiveResponseAsync()).Header("Connection"));
    }
}
