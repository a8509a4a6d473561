using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>A device that does what the test says, connection by connection, without a network.</summary>
internal sealed class ScriptedDevice : IDeviceDialer
{
    private readonly Channel<ScriptedLine> _lines = Channel.CreateUnbounded<ScriptedLine>();

    public string Name => "device";

    public bool IsOff { get; set; }

    public ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation)
    {
        if (IsOff) throw new IOException("Connection refused");
        var line = new ScriptedLine();
        Assert.True(_lines.Writer.TryWrite(line));
        return new(line);
    }

    /// <summary>The next connection that is opened.</summary>
    public async Task<ScriptedLine> AcceptAsync() => await _lines.Reader.ReadAsync().AsTask().WaitAsync(ScriptedLine.Hang);
}

/// <summary>A connection to a scripted device; the test is the device.</summary>
internal sealed class ScriptedLine : IDeviceLine
{
    /// <summary>Only a test that would hang ever waits this long.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly InMemoryConnection _connection = new();
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PipeReader Input => _connection.Server.Input;

    public PipeWriter Output => _connection.Server.Output;

    /// <summary>Completes when our side has hung up.</summary>
    public Task HungUp => _hungUp.Task.WaitAsync(Hang);

    public bool IsHungUp => _hungUp.Task.IsCompleted;

    /// <summary>The next request, which must be of this kind.</summary>
    public async Task<SentRequest> NextAsync(string action)
    {
        var text = await _connection.ReceiveThroughAsync("}\n");
        var request = SentRequest.Of(Encoding.Latin1.GetBytes(text));
        Assert.Equal(action, request.Action);
        return request;
    }

    /// <summary>What has been sent and not been looked at.</summary>
    public string Unread() => _connection.ReceiveAvailable();

    public Task SendAsync(string json) => _connection.SendAsync(Encoding.UTF8.GetBytes(json));

    public Task ReplyAsync(SentRequest request, object data, string @object = "llm.utf-8.stream", string? workId = null) =>
        SendAsync(JsonSerializer.Serialize(new
        {
            created = 1795174484,
            data,
            error = new { code = 0, message = "" },
            @object,
            request_id = request.RequestId,
            work_id = workId ?? request.WorkId,
        }) + "\n");

    public Task AcknowledgeAsync(SentRequest request, string? workId = null) => ReplyAsync(request, "None", "None", workId);

    public Task DeltaAsync(SentRequest request, string text, bool finish = false, string @object = "llm.utf-8.stream") =>
        ReplyAsync(request, new { delta = text, finish, index = 3 }, @object);

    public Task FinishAsync(SentRequest request) => DeltaAsync(request, "", finish: true);

    public Task RefuseAsync(SentRequest request, int code, string? workId = null) => SendAsync(
        $$$"""{"created":1,"data":"None","error":{"code":{{{code}}},"message":"m"},"object":"None","request_id":"{{{request.RequestId}}}","work_id":"{{{workId ?? request.WorkId}}}"}""" + "\n");

    /// <summary>The connection breaks.</summary>
    public void Break() => _connection.Break();

    public ValueTask DisposeAsync()
    {
        Output.Complete();
        Input.Complete();
        _hungUp.TrySetResult();
        return default;
    }
}

/// <summary>A request as the device gets it.</summary>
internal sealed record SentRequest(string RequestId, string WorkId, string Action, string Object, JsonElement Data)
{
    public static SentRequest Of(byte[] json)
    {
        var root = JsonElement.Parse(json);
        string Text(string name) => root.GetProperty(name).GetString()!;
        return new(Text("request_id"), Text("work_id"), Text("action"), Text("object"), root.GetProperty("data"));
    }

    /// <summary>Data that is base64 of text.</summary>
    public string Decoded => Encoding.UTF8.GetString(Data.GetBytesFromBase64());
}
