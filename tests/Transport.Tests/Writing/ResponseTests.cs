using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Tests.Writing;

public sealed class ResponseTests
{
    [Fact]
    public async Task The_applications_fields_are_sent_with_answers_and_with_rejections()
    {
        var server = new TestServer(static exchange =>
        {
            exchange.Headers.Add("Access-Control-Allow-Origin", "*");
            if (exchange.Request.Path == "/fail") throw new InvalidOperationException("bug");
            return exchange.RespondAsync(429, "text/plain", default);
        });
        Assert.Contains("429 Too Many Requests\r\n", await server.Connect().SendAllAsync("GET / HTTP/1.0\r\n\r\n"));
        Assert.Contains("\r\nAccess-Control-Allow-Origin: *\r\n", await server.Connect().SendAllAsync("GET / HTTP/1.0\r\n\r\n"));
        Assert.Contains("\r\nAccess-Control-Allow-Origin: *\r\n", await server.Connect().SendAllAsync("GET /fail HTTP/1.0\r\n\r\n"));
    }

    [Theory]
    [InlineData("X", "a\r\nY: b")]
    [InlineData("X", "\u00E4")]
    [InlineData("X:", "a")]
    [InlineData("", "a")]
    [InlineData("content-length", "1")]
    [InlineData("Connection", "close")]
    public void A_field_that_would_break_the_head_is_a_bug(string name, string value) =>
        Assert.Throws<ArgumentException>(() => new ResponseHeaders().Add(name, value));

    [Theory]
    [InlineData(204, "HTTP/1.1 204 No Content\r\n")]
    [InlineData(304, "HTTP/1.1 304 Not Modified\r\n")]
    public async Task A_status_without_body_has_no_length(int status, string line)
    {
        var server = new TestServer(exchange => exchange.RespondAsync(status, null, "never sent"u8.ToArray()));
        var received = await server.Connect().SendAllAsync("GET / HTTP/1.0\r\n\r\n");
        Assert.StartsWith(line, received);
        Assert.DoesNotContain("Content-", received);
        Assert.EndsWith("\r\n\r\n", received);
    }

    [Fact]
    public async Task A_status_not_in_the_table_is_sent_without_a_reason()
    {
        var server = new TestServer(static exchange => exchange.RespondAsync(299, null, default));
        Assert.StartsWith("HTTP/1.1 299 \r\nDate: ", await server.Connect().SendAllAsync("GET / HTTP/1.0\r\n\r\n"));
    }

    [Fact]
    public async Task The_date_follows_the_clock()
    {
        var server = new TestServer(TestServer.EchoAsync);
        var connection = server.Connect();
        foreach (var second in (string[])["05", "05", "06"])
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal($"Fri, 02 Jan 2026 03:04:{second} GMT", (await connection.ReceiveResponseAsync()).Header("Date"));
            server.Time.Advance(TimeSpan.FromSeconds(0.5));
        }
    }
}
