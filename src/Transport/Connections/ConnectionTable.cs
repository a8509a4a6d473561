using System.Net;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Connections;

/// <summary>The open connections, counted in all and by address, so that they can be limited, drained and aborted.</summary>
internal sealed class ConnectionTable(TransportOptions options)
{
    private readonly int _max = options.MaxConnections;
    private readonly int _maxPerAddress = options.MaxConnectionsPerAddress;
    private readonly Lock _gate = new();
    private readonly HashSet<HttpConnection> _open = [];
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private TaskCompletionSource? _empty;
    private bool _draining;

    public int Count
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <summary>Enters a connection, which must be removed when it ends, unless there are too many.</summary>
    public HttpRejection TryAdd(HttpConnection connection)
    {
        lock (_gate)
        {
            if (_open.Count >= _max) return HttpRejection.TooManyConnections;
            if (AddressOf(connection) is { } address)
            {
                var count = _byAddress.GetValueOrDefault(address);
                if (count >= _maxPerAddress) return HttpRejection.TooManyConnectionsFromAddress;
                _byAddress[address] = count + 1;
            }
            _open.Add(connection);
            if (_draining) connection.Drain();
            return HttpRejection.None;
        }
    }

    public void Remove(HttpConnection connection)
    {
        lock (_gate)
        {
            _open.Remove(connection);
            if (AddressOf(connection) is { } address && --_byAddress[address] == 0) _byAddress.Remove(address);
            if (_open.Count == 0) _empty?.TrySetResult();
        }
    }

    /// <summary>Drains all connections, those to come too; done when none is left.</summary>
    public Task DrainAsync()
    {
        HttpConnection[] open;
        Task empty;
        lock (_gate)
        {
            _draining = true;
            _empty ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_open.Count == 0) _empty.TrySetResult();
            open = [.. _open];
            empty = _empty.Task;
        }
        foreach (var connection in open) connection.Drain();
        return empty;
    }

    public void AbortAll()
    {
        HttpConnection[] open;
        lock (_gate) open = [.. _open];
        foreach (var connection in open) connection.Abort();
    }

    private static IPAddress? AddressOf(HttpConnection connection) => (connection.Peer.Remote as IPEndPoint)?.Address;
}
