using System.Text;
using System.Text.RegularExpressions;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>A client of a bench's device.</summary>
internal sealed partial class BenchClient(DeviceLine line)
{
    public bool IsClosed { get; private set; }

    /// <summary>Sends bytes in one read.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        Assert.True(line.Output.WriteAsync(bytes.ToArray()).AsTask().IsCompleted);
    }

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends, and gives what has arrived.</summary>
    public string Ask(string text)
    {
        Send(text);
        return Received();
    }

    public string Ask(string id, string workId, string action) =>
        Ask($$"""{"request_id":"{{id}}","work_id":"{{workId}}","action":"{{action}}"}""");

    /// <summary>All that has arrived since the last time, with every created set to 0.</summary>
    public string Received()
    {
        var text = new StringBuilder();
        while (line.Input.TryRead(out var read))
        {
            text.Append(Encoding.UTF8.GetString(read.Buffer));
            line.Input.AdvanceTo(read.Buffer.End);
            IsClosed |= read.IsCompleted;
            if (read.IsCompleted) break;
        }

        return Created().Replace(text.ToString(), "${1}0");
    }

    public string[] Lines() => Received().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Sets a task up and gives its id.</summary>
    public string Setup(string model = Bench.Model, string unit = "llm", string format = "llm.utf-8.stream", string more = "")
    {
        Send(SetupText("setup", model, unit, format, more));
        var reply = Received();
        return WorkId().Match(reply) is { Success: true } id && reply.Contains("\"code\":0", StringComparison.Ordinal)
            ? id.Groups[1].Value
            : throw new InvalidOperationException("No setup: " + reply);
    }

    public static string SetupText(string id, string model = Bench.Model, string unit = "llm", string format = "llm.utf-8.stream", string more = "") =>
        $$"""{"request_id":"{{id}}","work_id":"{{unit}}","action":"setup","object":"{{unit}}.setup","data":{"model":"{{model}}","response_format":"{{format}}","input":"{{unit}}.utf-8","enoutput":true,"max_token_len":1023,"prompt":"You are."{{more}}} }""";

    public void Infer(string id, string workId, string text) => Send(InferText(id, workId, text));

    public static string InferText(string id, string workId, string text) =>
        $$"""{"request_id":"{{id}}","work_id":"{{workId}}","action":"inference","object":"llm.utf-8","data":"{{text}}"}""";

    /// <summary>How many bytes of the answer come in the first read.</summary>
    public async Task<int> FirstReadAsync(string text)
    {
        var first = line.Input.ReadAsync().AsTask();
        Send(text);
        var read = await first.WaitAsync(TimeSpan.FromSeconds(20));
        var length = (int)read.Buffer.Length;
        line.Input.AdvanceTo(read.Buffer.Start);
        return length;
    }

    /// <summary>Waits until something arrives, or the connection ends, and gives it.</summary>
    public async Task<string> ReceiveAsync()
    {
        var read = await line.Input.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        line.Input.AdvanceTo(read.Buffer.Start);
        return Received();
    }

    public Task HangUpAsync() => line.DisposeAsync().AsTask();

    [GeneratedRegex("(\"created\": ?)[0-9]+")]
    private static partial Regex Created();

    [GeneratedRegex("\"work_id\":\"([a-z_]+[.][0-9]+)\"")]
    private static partial Regex WorkId();
}
