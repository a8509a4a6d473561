namespace StreamCore.HttpBench.Load;

/// <summary>Clients that each do one thing over and over until told to stop.</summary>
internal sealed class ClientFleet : IAsyncDisposable
{
    private readonly RawClient[] _clients;
    private readonly Task _running;
    private volatile bool _stopping;

    private ClientFleet(RawClient[] clients, Func<RawClient, Task> act)
    {
        _clients = clients;
        _running = Task.WhenAll(clients.Select(client => LoopAsync(client, act)));
    }

    public long Events => _clients.Sum(c => c.Events);

    public long Answers => _clients.Sum(c => c.Answers);

    public static async Task<ClientFleet> StartAsync(PeerProcess peer, int count, Func<RawClient, Task> act)
    {
        var clients = new RawClient[count];
        for (var i = 0; i < count; i++)
        {
            clients[i] = new RawClient(64 * 1024);
            await clients[i].ConnectAsync(peer.EndPoint);
        }

        return new(clients, act);
    }

    /// <summary>Lets every client finish what it is at, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _running;
        foreach (var client in _clients) client.Dispose();
    }

    private async Task LoopAsync(RawClient client, Func<RawClient, Task> act)
    {
        while (!_stopping) await act(client);
    }
}
