using System.Text;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>Messages are found by counting braces.</summary>
public class Framing
{
    private const string Ping = """{"request_id":"p","work_id":"sys","action":"ping"}""";

    [Fact]
    public async Task Several_in_one_write_and_one_in_many_writes()
    {
        await using var bench = new Bench();
        Assert.Equal(3, Count(bench.Client.Ask(Ping + Ping + "\n" + Ping + "\n")));
        foreach (var part in Encoding.UTF8.GetBytes(Ping)) bench.Client.Send([part]);
        Assert.Equal(1, Count(bench.Client.Received()));
    }

    [Fact]
    public async Task Braces_in_strings_count_unless_escaped()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup();
        bench.Client.Infer("e", id, "\\u007bnot a brace 2 words");
        Assert.Equal(Bench.Answer("{not a brace 2 words"), Replies.Text(bench.Client.Lines()));
        bench.Client.Infer("u", id, "an open { brace");
        Assert.Equal("", bench.Client.Ask(Ping)); // swallowed
        Assert.NotEqual("", bench.Client.Ask("}"));
    }

    [Fact]
    public async Task A_verb_that_throws_poisons_the_connection_for_good()
    {
        await using var bench = new Bench();
        const string bad = """{"request_id":"b","work_id":"sys","action":"push","object":5}""";
        const string reset = """{"request_id": "0","work_id": "sys","created": 0,"error":{"code":-1, "message":"reace reset"}}""";
        Assert.Equal(reset, bench.Client.Ask(bad));
        Assert.Equal(reset, bench.Client.Ask(Ping));
        Assert.Equal(reset, bench.Client.Ask(Ping));
        Assert.Equal(1, Count(bench.Connect().Ask(Ping)));
        Assert.Equal(3, bench.Device.Mistakes.Count);
    }

    [Theory]
    [InlineData("""{"request_id":7,"work_id":"sys","action":"ping"}""")]
    [InlineData("""{"work_id":"sys","action":"ping"}""")]
    [InlineData("""{"request_id":"p","action":"ping"}""")]
    [InlineData("""{"request_id":"p","work_id":"sys"}""")]
    [InlineData("""{request_id}""")]
    public async Task An_envelope_that_cannot_be_read(string message)
    {
        await using var bench = new Bench();
        Assert.Equal(
            """{"created":0,"data":"None","error":{"code":-2,"message":"json format error"},"object":"None","request_id":"0","work_id":"sys"}""" + "\n",
            bench.Client.Ask(message));
    }

    [Fact]
    public async Task Keys_may_come_in_any_order_and_an_empty_work_id_is_sys()
    {
        await using var bench = new Bench();
        Assert.Contains("\"work_id\":\"\"", bench.Client.Ask("""{"action":"ping","work_id":"","request_id":"p"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_bytes_after_a_message_are_its_data()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup("smolvlm-256M-ax630c", "vlm", "vlm.utf-8.stream");
        byte[] image = [0xFF, 0xD8, 0xFF, 1, 2, (byte)'{', 3];
        var head = $$"""{"RAW":{{image.Length}},"request_id":"m1","work_id":"{{id}}","action":"inference","object":"vlm.jpeg.base64"}""";
        bench.Client.Send([.. Encoding.UTF8.GetBytes(head), .. image, (byte)'\n', .. Encoding.UTF8.GetBytes(Ping)]);
        Assert.Equal(1, Count(bench.Client.Received()));
        bench.Client.Infer("m2", id, "What is this, in 3 words");
        Assert.Equal(
            SimulatedText.Of("smolvlm-256M-ax630c", SimulatedText.Seen("smolvlm-256M-ax630c", "You are.", ["What is this, in 3 words"], image)),
            Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task Filler_before_a_message_swallows_it_on_arm()
    {
        var filler = new string('\n', 16);
        await using var plain = new Bench();
        Assert.Equal(1, Count(plain.Client.Ask(filler + Ping)));
        await using var arm = Bench.With(Fault.ArmScanner);
        Assert.Equal(0, Count(arm.Client.Ask(filler + Ping)));
        Assert.Equal(1, Count(arm.Client.Ask("\n" + Ping)));
    }

    private static int Count(string replies) => replies.Count(static c => c == '\n');
}
