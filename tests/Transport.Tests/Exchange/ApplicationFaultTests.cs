using System.Buffers;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Exchange;

public sealed class ApplicationFaultTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    [Fact]
    public async Task An_exception_before_the_answer_is_500_in_the_applications_words()
    {
        var server = new TestServer(static _ => throw new InvalidOperationException("secret"));
        var received = await server.Connect().SendAllAsync(Get);
        Assert.StartsWith("HTTP/1.1 500 ", received);
        Assert.DoesNotContain("secret", received);
        var rejection = Assert.Single(server.Rejections);
        Assert.Equal(HttpRejection.ApplicationFailed, rejection.Rejection);
        Assert.Contains(rejection.RequestId, Assert.Single(server.Log.Errors));
    }

    [Fact]
    public async Task No_answer_at_all_is_500()
    {
        var server = new TestServer(static _ => default);
        Assert.Contains("ApplicationGaveNoAnswer", await server.Connect().SendAllAsync(Get));
    }

    [Fact]
    public async Task A_stream_that_fails_is_cut_off_and_never_looks_whole()
    {
        var connection = new TestServer(static async exchange =>
        {
            var sse = exchange.StartSse();
            sse.WriteDone();
            await sse.FlushAsync();
            throw new InvalidOperationException();
        }).Connect();
        await connection.SendAsync(Get);
        await Assert.ThrowsAnyAsync<Exception>(connection.Client.ReceiveToEndAsync);
        await connection.Served;
    }

    [Fact]
    public async Task A_stream_left_unfinished_is_cut_off()
    {
        var connection = new TestServer(static async exchange => await exchange.StartSse().FlushAsync()).Connect();
        await connection.SendAsync(Get);
        await Assert.ThrowsAnyAsync<Exception>(connection.Client.ReceiveToEndAsync);
    }

    [Fact]
    public async Task A_second_answer_is_a_bug()
    {
        Exception? thrown = null;
        var connection = new TestServer(async exchange =>
        {
            await exchange.RespondAsync(200, null, default);
            thrown = Record.Exception(() => exchange.StartSse().Write("x"u8));
        }).Connect();
        await connection.SendAsync(Get);
        await connection.ReceiveResponseAsync();
        Assert.IsType<InvalidOperationException>(thrown);
    }
}
