using System.IO.Pipelines;
using StreamCore.TestKit;
using StreamCore.Transport.Exchange;

namespace StreamCore.Transport.Tests;

/// <summary>A connection with a handler at its other end.</summary>
internal sealed class ServedConnection
{
    public ServedConnection(HttpConnectionHandler handler, int unreadLimit, PeerInfo peer, PipeScheduler? scheduler, CancellationToken stopping)
    {
        Client = new(unreadLimit, scheduler);
        Served = handler.ServeAsync(Client.Server, peer, stopping);
    }

    public InMemoryConnection Client { get; }

    /// <summary>Ends when the handler is done with the connection.</summary>
    public Task Served { get; }

    public Task SendAsync(string text) => Client.SendAsync(text);

    /// <summary>Sends, leaves, and waits for the end.</summary>
    public async Task<string> SendAllAsync(string text)
    {
        await Client.SendAsync(text);
        Client.CloseSending();
        var received = await Client.ReceiveToEndAsync();
        await Served.WaitAsync(TimeSpan.FromSeconds(20));
        return received;
    }

    /// <summary>One answer whose body is chunked or has a length.</summary>
    public async Task<ReceivedResponse> ReceiveResponseAsync(bool toHead = false)
    {
        var head = await Client.ReceiveThroughAsync("\r\n\r\n");
        var response = new ReceivedResponse(head, "");
        if (toHead) return response;
        if (response.Header("Content-Length") is { } length) return response with { Body = await Client.ReceiveAsync(int.Parse(length)) };
        if (response.Header("Transfer-Encoding") == "chunked") return response with { Body = await ReceiveChunksAsync() };
        return response;
    }

    private async Task<string> ReceiveChunksAsync()
    {
        var body = "";
        while (true)
        {
            var size = Convert.ToInt32((await Client.ReceiveThroughAsync("\r\n"))[..^2], 16);
            var data = await Client.ReceiveAsync(size + 2);
            Assert.EndsWith("\r\n", data);
            if (size == 0) return body;
            body += data[..^2];
        }
    }
}
