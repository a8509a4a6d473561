using System.Text.Json;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>How replies look and arrive.</summary>
public class WireFaults
{
    private const string Ping = """{"request_id":"p","work_id":"sys","action":"ping"}""";

    [Fact]
    public async Task Split_replies_come_in_pieces()
    {
        await using var plain = new Bench();
        var whole = await plain.Client.FirstReadAsync(Ping);
        Assert.Equal(whole, plain.Client.Received().Length + 9); // created is ten digits, and one here
        await using var bench = Bench.With(Fault.SplitReplies);
        Assert.InRange(await bench.Client.FirstReadAsync(Ping), 1, whole - 1);
        Assert.Equal(whole - 9, bench.Client.Received().Length);
    }

    [Fact]
    public async Task Glued_replies_wait_for_each_other()
    {
        await using var bench = Bench.With(Fault.GluedReplies);
        Assert.Equal("", bench.Client.Ask(Ping));
        Assert.Equal("", bench.Client.Ask(Ping));
        bench.Advance(20);
        Assert.Equal(2, bench.Client.Lines().Length);
    }

    [Fact]
    public async Task Thin_acknowledgements_lack_what_old_firmware_left_out()
    {
        await using var bench = Bench.With(Fault.ThinAcknowledgements);
        Assert.Equal("""{"error":{"code":0,"message":""},"request_id":"p","work_id":"sys"}""" + "\n", bench.Client.Ask(Ping));
    }

    [Fact]
    public async Task The_list_of_models_tells_what_is_installed()
    {
        await using var bench = new Bench();
        var models = Models(bench);
        Assert.Equal(SimulatedModel.Installed.Select(static model => model.Name), models.EnumerateArray().Select(static model => model.GetProperty("mode").GetString()));
        Assert.All(models.EnumerateArray(), static model => Assert.Equal(JsonValueKind.Array, model.GetProperty("input_type").ValueKind));
        var context = models.EnumerateArray().First(static model => model.GetProperty("mode").GetString() == "qwen2.5-HA-0.5B-ctx-ax630c").GetProperty("mode_param");
        Assert.Equal((1023, 1840108), (context.GetProperty("precompute_len").GetInt32(), context.GetProperty("cmm_size").GetInt32()));
    }

    [Fact]
    public async Task The_first_firmware_lists_models_in_its_own_form()
    {
        await using var bench = Bench.With(Fault.FirstFirmware);
        var model = Models(bench)[0];
        Assert.Equal(("qwen2.5-0.5B-p256-ax630c", "llm.utf-8"), (model.GetProperty("model").GetString(), model.GetProperty("input_type").GetString()));
        Assert.False(model.TryGetProperty("mode", out _));
    }

    [Fact]
    public async Task A_huge_list_is_still_one_line()
    {
        await using var bench = Bench.With(Fault.HugeModelList);
        var reply = bench.Client.Ask("l", "sys", "lsmode");
        Assert.InRange(reply.Length, 600_000, 1_000_000);
        Assert.Equal(reply.Length - 1, reply.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("llm.utf-8.base64", "\"%%%\"", -23)]
    [InlineData("llm.utf-8.stream", "\"a plain string\"", -25)]
    [InlineData("llm.utf-8.stream", """{"delta":"a","index":3,"finish":true}""", -25)]
    public async Task Errors_of_an_inference_are_mislabelled(string objectName, string data, int code)
    {
        var inference = """{"request_id":"i","work_id":"ID","action":"inference","object":"OBJECT","data":DATA}"""
            .Replace("OBJECT", objectName, StringComparison.Ordinal).Replace("DATA", data, StringComparison.Ordinal);
        await using var plain = new Bench();
        var right = plain.Client.Ask(inference.Replace("ID", plain.Client.Setup(), StringComparison.Ordinal));
        Assert.Contains($"\"code\":{code},", right, StringComparison.Ordinal);
        Assert.EndsWith("""
            "object":"None","request_id":"i","work_id":"llm.1000"}

            """.Replace("\r", "", StringComparison.Ordinal), right, StringComparison.Ordinal);

        await using var bench = Bench.With(Fault.MislabelledErrors);
        var id = bench.Client.Setup();
        var other = bench.Connect();
        other.Ask("t", "llm", "taskinfo");
        Assert.Equal("", bench.Client.Ask(inference.Replace("ID", id, StringComparison.Ordinal)));
        var wrong = other.Received();
        Assert.Contains($"\"code\":{code},", wrong, StringComparison.Ordinal);
        Assert.Contains("\"request_id\":\"t\",\"work_id\":\"llm\"", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mislabelled_error_to_a_connection_that_is_gone_is_lost_and_stalls_the_task()
    {
        await using var bench = Bench.With(Fault.MislabelledErrors);
        var id = bench.Client.Setup();
        var other = bench.Connect();
        other.Ask("t", "llm", "taskinfo");
        await other.HangUpAsync();
        bench.Client.Send($$"""{"request_id":"i","work_id":"{{id}}","action":"inference","object":"llm.utf-8.base64","data":"%"}""");
        bench.Client.Infer("j", id, "2 words");
        Assert.Equal("", bench.Client.Received());
        bench.Advance(1000);
        Assert.Equal(Bench.Answer("2 words"), Replies.Text(bench.Client.Lines()));
    }

    private static JsonElement Models(Bench bench) => JsonDocument.Parse(bench.Client.Ask("l", "sys", "lsmode")).RootElement.GetProperty("data");
}
