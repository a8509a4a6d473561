using StreamCore.Transport.Parsing;
using StreamCore.Transport.Tests.Parsing;

namespace StreamCore.Transport.Tests.Connections;

public sealed class BadRequestTests
{
    private readonly TestServer _server = new(TestServer.EchoAsync);

    public static TheoryData<string, HttpRejection> Bad => new(Heads.Bad.Select(static b => (b.Head, b.Rejection)));

    [Theory, MemberData(nameof(Bad))]
    public async Task A_bad_head_is_answered_in_the_applications_words_and_the_connection_closed(string head, HttpRejection rejection)
    {
        var received = await _server.Connect().SendAllAsync(head + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        var (status, message) = RejectionTable.Answer(rejection);

        Assert.StartsWith($"HTTP/1.1 {status} ", received);
        Assert.Contains("\r\nx-request-id: req_", received);
        Assert.Contains("\r\nConnection: close\r\n", received);
        Assert.EndsWith($"\r\n\r\n{rejection}: {message}", received);
        Assert.Equal(rejection, Assert.Single(_server.Rejections).Rejection);
        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task A_head_cut_short_is_an_error_and_no_request()
    {
        Assert.EndsWith(nameof(HttpRejection.HeadCutShort) + ": The connection ended within the request head.",
            await _server.Connect().SendAllAsync("GET / HTTP/1.1\r\nHost: h\r\n"));
        Assert.Equal("", await _server.Connect().SendAllAsync(""));
    }

    [Fact]
    public async Task What_a_refused_client_still_sends_is_discarded_until_it_leaves_or_time_is_up()
    {
        var connection = _server.Connect();
        await connection.SendAsync("nonsense\r\n");
        Assert.Equal(400, (await connection.ReceiveResponseAsync()).Status);
        await connection.SendAsync("more");
        _server.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(connection.Served.IsCompleted);
        _server.Time.Advance(TimeSpan.FromSeconds(0.2));
        await connection.Served;
    }
}
