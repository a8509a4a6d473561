using System.Text;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Tests.Bodies;
using StreamCore.Transport.Tests.Multipart;
using StreamCore.Transport.Tests.Parsing;

namespace StreamCore.Transport.Tests.Loopback;

/// <summary>
/// The tables of good and bad inputs once more, each as a client would send it over a socket: behind a good request and before
/// another, which is answered after a good input and never after a bad one.
/// </summary>
public sealed class LoopbackTests(LoopbackServer server) : IClassFixture<LoopbackServer>
{
    private const string Get = "GET /good HTTP/1.1\r\nHost: h\r\n\r\n";
    private const string Chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

    public static TheoryData<string, string> GoodHeads => new(Heads.Good);

    public static TheoryData<string, HttpRejection> BadHeads => new(Heads.Bad);

    public static TheoryData<string, HttpRejection> BadForms => new(Forms.Bad);

    public static TheoryData<string, HttpRejection> LongHeads => new()
    {
        { "GET /" + new string('a', 8 * 1024) + " HTTP/1.1\r\nHost: h\r\n\r\n", HttpRejection.TargetTooLong },
        { "GET / HTTP/1.1\r\nHost: h\r\nX: " + new string('a', 32 * 1024), HttpRejection.HeadTooLarge },
        { "GET / HTTP/1.1\r\nHost: h\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 100)) + "\r\n", HttpRejection.TooManyHeaders },
        { "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", HttpRejection.BodyTooLarge },
        { "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", HttpRejection.BodyTooLarge },
    };

    [Theory, MemberData(nameof(GoodHeads))]
    public async Task A_good_head_is_answered_and_so_is_the_request_behind_it(string head, string understood)
    {
        using var client = await server.ConnectAsync();
        await AssertGoodAsync(client);
        await client.SendAsync(head + Get);
        var response = await client.ReceiveResponseAsync();
        AssertStamped(response);
        var parts = understood.Split(' ');
        Assert.Equal((200, $"{parts[0]} {parts[1]} "), (response.Status, response.Body));
        if (head.Contains("HTTP/1.0", StringComparison.Ordinal)) await server.AssertClosesAsync(client);
        else Assert.Equal("GET /good ", (await client.ReceiveResponseAsync()).Body);
    }

    [Theory, MemberData(nameof(BadHeads)), MemberData(nameof(LongHeads))]
    public Task A_bad_head_is_refused_and_the_connection_closed(string head, HttpRejection rejection) =>
        AssertRefusedAsync(head + Smuggled, rejection);

    [Theory, MemberData(nameof(ChunkedBodyTests.Good), MemberType = typeof(ChunkedBodyTests))]
    public async Task A_good_chunked_body_is_read_and_so_is_the_request_behind_it(string body, string content)
    {
        using var client = await server.ConnectAsync();
        await AssertGoodAsync(client);
        await client.SendAsync(Chunked + body + Get);
        Assert.Equal("POST / " + content, (await client.ReceiveResponseAsync()).Body);
        Assert.Equal("GET /good ", (await client.ReceiveResponseAsync()).Body);
    }

    [Theory, MemberData(nameof(ChunkedBodyTests.Bad), MemberType = typeof(ChunkedBodyTests))]
    public Task A_bad_chunked_body_is_refused_and_the_connection_closed(string body, HttpRejection rejection) =>
        AssertRefusedAsync(Chunked + body + Smuggled, rejection);

    [Fact]
    public async Task Good_forms_are_read_one_after_the_other_over_one_connection()
    {
        using var client = await server.ConnectAsync();
        foreach (var (form, parts) in Forms.Good)
        {
            await client.SendAsync(Form(form));
            var response = await client.ReceiveResponseAsync();
            Assert.Equal((200, parts), (response.Status, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(response.Body))));
        }
    }

    [Theory, MemberData(nameof(BadForms))]
    public Task A_bad_form_is_refused_and_the_connection_closed(string form, HttpRejection rejection) =>
        AssertRefusedAsync(Form(form) + Smuggled, rejection);

    private static string Form(string form) =>
        $"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: {Forms.Type}\r\nContent-Length: {form.Length}\r\n\r\n{form}";

    private static (int, string) Result(ReceivedResponse response) => (response.Status, response.Body);

    private static async Task AssertGoodAsync(LoopbackClient client)
    {
        await client.SendAsync(Get);
        Assert.Equal((200, "GET /good "), Result(await client.ReceiveResponseAsync()));
    }

    private static void AssertStamped(ReceivedResponse response)
    {
        Assert.Matches("^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 2026 [0-9:]{8} GMT$", response.Header("Date"));
        Assert.Matches("^req_[0-9a-f]{32}$", response.Header("x-request-id"));
    }

    private async Task AssertRefusedAsync(string sent, HttpRejection rejection)
    {
        using var client = await server.ConnectAsync();
        await AssertGoodAsync(client);
        await client.SendAsync(sent);
        var response = await client.ReceiveResponseAsync();
        var (status, message) = RejectionTable.Answer(rejection);
        AssertStamped(response);
        Assert.Equal((status, $"{rejection}: {message}"), Result(response));
        Assert.Equal("close", response.Header("Connection"));
        await server.AssertClosesAsync(client);
        Assert.Empty(server.Log.Errors);
    }
}
