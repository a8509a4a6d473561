using System.Threading.Channels;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Connections;

/// <summary>Requests that belong together, and the replies to them, in the order in which they came. Disposing of it lets later replies fall.</summary>
internal sealed class Exchange : IDisposable
{
    /// <summary>Replies that nobody has read yet. Only a device gone wild, or a reader that has stopped, comes near it.</summary>
    private const int MaxUnread = 1 << 14;

    private readonly DeviceConnection _connection;
    private readonly Channel<Reply> _replies = Channel.CreateBounded<Reply>(new BoundedChannelOptions(MaxUnread) { SingleReader = true });

    internal Exchange(DeviceConnection connection, string workId, bool isInference)
    {
        _connection = connection;
        WorkId = workId;
        IsInference = isInference;
    }

    /// <summary>The unit, the task or <c>sys</c>.</summary>
    public string WorkId { get; }

    public bool IsInference { get; }

    /// <summary>Requests that were handed to the connection, even where sending them failed afterwards.</summary>
    public int SentCount => Ids.Count;

    /// <summary>Whether there are replies that nobody has read.</summary>
    public bool HasReplies => _replies.Reader.Count > 0;

    /// <summary>The ids of its requests; the connection's, under its lock.</summary>
    internal List<string> Ids { get; } = [];

    /// <exception cref="DeviceException">The connection is lost, or takes nothing for so long.</exception>
    public ValueTask SendAsync(string action, string @object, RequestData data, TimeSpan within, CancellationToken cancellation) =>
        _connection.SendAsync(this, action, @object, data, within, cancellation);

    /// <summary>The next reply.</summary>
    /// <exception cref="DeviceException">None in that time, or the connection is lost.</exception>
    public async ValueTask<Reply> NextAsync(TimeSpan within, CancellationToken cancellation) =>
        await TryNextAsync(within, cancellation)
        ?? throw new DeviceException(DeviceFault.Silent, $"{_connection.DeviceName}: no answer from {WorkId} within {within.TotalSeconds:0.#} s.");

    /// <summary>The next reply; null if none came in that time.</summary>
    /// <exception cref="DeviceException">The connection is lost.</exception>
    public async ValueTask<Reply?> TryNextAsync(TimeSpan within, CancellationToken cancellation)
    {
        if (_replies.Reader.TryRead(out var ready)) return ready;
        if (within <= TimeSpan.Zero) return null;
        using var limit = new CancellationTokenSource(within, _connection.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await _replies.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (ChannelClosedException closed) when (closed.InnerException is DeviceException fault)
        {
            throw fault.Again();
        }
    }

    public void Dispose() => _connection.Forget(this);

    /// <summary>False where too much is unread.</summary>
    internal bool TryAdd(Reply reply) => _replies.Writer.TryWrite(reply);

    internal void Fail(DeviceException fault) => _replies.Writer.TryComplete(fault);
}
