using System.IO.Pipelines;
using System.Text.Json;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>llm_sys: takes the connections, reads messages one after another under its one lock, answers for itself and passes the rest on.</summary>
internal sealed class FrontProcess
{
    private const int FirstChannel = 8000;
    private const int FirstNumber = 1000;
    private static readonly TimeSpan GlueTime = TimeSpan.FromMilliseconds(20);

    private readonly Life _life;
    private readonly SystemVerbs _verbs;
    private readonly Dictionary<int, Connection> _connections = [];
    private readonly HashSet<string> _workIds = new(StringComparer.Ordinal);
    private readonly Mailbox<(Connection From, byte[] Bytes)> _reads = new();

    private int _nextChannel = FirstChannel;
    private int _nextNumber = FirstNumber;
    private bool _isEnded;

    public FrontProcess(Life life)
    {
        _life = life;
        _verbs = new(life, this);
        life.Loop.Start(ServeAsync);
    }

    public IReadOnlyCollection<Connection> Connections => _connections.Values;

    public Connection Accept(IDuplexPipe pipe, Action cut)
    {
        var connection = new Connection(_nextChannel++, pipe, cut, _life.Device.Network);
        _connections.Add(connection.Channel, connection);
        _ = ReadAsync(connection);
        return connection;
    }

    public bool IsOpen(int channel) => _connections.ContainsKey(channel);

    /// <summary>The next work id's number.</summary>
    public int TakeNumber() => _nextNumber++;

    public void Register(string workId) => _workIds.Add(workId);

    public void Release(string workId) => _workIds.Remove(workId);

    /// <summary>Writes to a connection, if there is one of this number.</summary>
    public void Send(int channel, byte[] reply)
    {
        if (!_connections.TryGetValue(channel, out var connection)) return;
        if (!connection.IsHeldBack && _life.Chance(Fault.GluedReplies))
        {
            connection.HoldBack();
            _life.Loop.Start(() => ReleaseAsync(connection));
        }

        var cut = reply.Length > 1 && _life.Chance(Fault.SplitReplies) ? 1 + _life.Draw(Fault.SplitReplies, reply.Length - 1) : reply.Length;
        connection.Enqueue(reply[..cut]);
        if (cut < reply.Length) connection.Enqueue(reply[cut..]);
        _life.Loop.Afterwards(connection.Flush);
    }

    /// <summary>An acknowledgement or an error.</summary>
    public void Acknowledge(int channel, int code, string message, string requestId, string workId) =>
        Send(channel, _life.Chance(Fault.ThinAcknowledgements)
            ? Reply.AcknowledgeThinly(code, message, requestId, workId)
            : Reply.Acknowledge(_life.UnixSeconds, code, message, requestId, workId));

    public void SendData(int channel, string data, string objectName, string requestId, string workId) =>
        Send(channel, Reply.Of(_life.UnixSeconds, data, objectName, requestId, workId));

    /// <summary>Hangs up on a client.</summary>
    public void Drop(int channel)
    {
        if (!_connections.Remove(channel, out var connection)) return;
        connection.Release();
        _life.Loop.Afterwards(connection.Close);
    }

    /// <summary>The process ends: every connection is hung up.</summary>
    public void End()
    {
        _isEnded = true;
        _reads.Close();
        foreach (var channel in _connections.Keys.ToArray()) Drop(channel);
    }

    private async Task ReadAsync(Connection connection)
    {
        await connection.ReadAsync(bytes => _life.Loop.Post(() => _reads.Put((connection, bytes)))).ConfigureAwait(false);
        _life.Loop.Post(() => _connections.Remove(connection.Channel));

    }

    private async Task ReleaseAsync(Connection connection)
    {
        await Task.Delay(GlueTime, _life.Options.Time, _life.Ended);
        connection.Release();
        _life.Loop.Afterwards(connection.Flush);
    }

    private async Task ServeAsync()
    {
        while (await _reads.WaitAsync() && !_isEnded && _reads.TryTake(out var read))
        {
            var from = read.From;
            try
            {
                await from.Scanner.ReadAsync(read.Bytes, text => HandleAsync(from.Channel, text), () => _life.Chance(Fault.ArmScanner));
            }
            catch (HandlerException)
            {
                if (from.Scanner.IsPoisoned) _life.Device.Mistake($"connection {from.Channel} made a sys verb throw");
                else _life.Device.Mistake($"connection {from.Channel} sent a closing brace too many");
                Send(from.Channel, Reply.Reset(_life.UnixSeconds));
            }
        }
    }

    private async Task HandleAsync(int channel, string text)
    {
        if (_life.Chance(Fault.FrontStalls)) await Task.Delay(_life.Pace.FrontStall, _life.Options.Time, _life.Ended);
        if (_isEnded) return;
        if (Parse(channel, text) is not { } request)
        {
            _life.Device.Mistake("no request: " + text);
            Acknowledge(channel, -2, "json format error", "0", "sys");
        }
        else if (request.Unit is "sys" or "")
        {
            await _verbs.AnswerAsync(request);
        }
        else if (request.Action == "inference")
        {
            Publish(request);
        }
        else
        {
            await CallAsync(request);
        }
    }

    private static Request? Parse(int channel, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return Text(json, "request_id") is { } id && Text(json, "work_id") is { } work && Text(json, "action") is { } action
                ? new(id, work, action, text, channel)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }

        static string? Text(JsonDocument json, string name) =>
            json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Nobody confirms that it arrived.</summary>
    private void Publish(Request request)
    {
        if (!_workIds.Contains(request.WorkId)) Acknowledge(request.Channel, -4, "inference data push false", request.RequestId, request.WorkId);
        else if (_life.UnitOf(request.Unit) is { } unit && !_life.Chance(Fault.InferenceLost)) unit.Publish(request);
    }

    private async Task CallAsync(Request request)
    {
        var unit = _life.UnitOf(request.Unit);
        if (unit is null or { IsDead: true, LeftSocket: false }) Acknowledge(request.Channel, -9, "unit call false", request.RequestId, request.WorkId);
        else if (unit.IsDead) await Task.Delay(_life.Pace.FrontStall, _life.Options.Time, _life.Ended);
        else unit.Call(request);
    }
}
