using System.Net.Sockets;
using System.Text.Json;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>What llm_sys answers itself, and its troubles.</summary>
public class FrontFaults
{
    [Theory]
    [InlineData("version", "\"v1.6\"")]
    [InlineData("version2", "llm-melotts")]
    [InlineData("hwinfo", "cpu_loadavg")]
    [InlineData("lstask", "-10")]
    [InlineData("dance", "\"code\":-3,\"message\":\"action match false\"")]
    public async Task System_verbs(string verb, string told)
    {
        await using var bench = new Bench();
        Assert.Contains(told, bench.Client.Ask("v", "sys", verb), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"request_id":"x","work_id":"sys","action":"bashexec","object":"sys.utf-8","data":"touch /tmp/never"}""", -10)]
    [InlineData("""{"request_id":"x","work_id":"sys","action":"push","object":"file./tmp/never","data":"AAAA"}""", -17)]
    [InlineData("""{"request_id":"x","work_id":"sys","action":"pull","object":"file./etc/passwd"}""", -17)]
    [InlineData("""{"request_id":"x","work_id":"sys","action":"rmmode","data":"llm"}""", -10)]
    public async Task What_would_touch_the_machine_is_refused(string request, int code)
    {
        await using var bench = new Bench();
        Assert.Equal(code, Replies.Code(bench.Client.Ask(request)));
    }

    [Fact]
    public async Task Memory_is_kept_book_of_and_runs_out()
    {
        await using var bench = new Bench(static options => options with { MemoryKilobytes = 1_000_000 });
        Assert.Equal((1_000_000, 0, 1_000_000), Memory(bench));
        var id = bench.Client.Setup();
        Assert.Equal((1_000_000, 560_460, 439_540), Memory(bench));
        Assert.Equal(-5, Replies.Code(bench.Client.Ask(BenchClient.SetupText("s"))));
        bench.Client.Ask("e", id, "exit");
        Assert.Equal((1_000_000, 0, 1_000_000), Memory(bench));
    }

    [Fact]
    public async Task Memory_may_be_unknown_or_nonsense()
    {
        await using var none = Bench.With(Fault.NoMemoryInfo);
        Assert.Equal(-3, Replies.Code(none.Client.Ask("m", "sys", "cmminfo")));
        await using var garbage = Bench.With(Fault.GarbageMemoryInfo);
        Assert.InRange(Memory(garbage).Total, 0, 4096);
    }

    [Fact]
    public async Task A_stall_of_the_front_keeps_everybody_waiting()
    {
        await using var bench = Bench.With(Fault.FrontStalls);
        var other = bench.Connect();
        Assert.Equal("", bench.Client.Ask("a", "sys", "ping"));
        bench.Device.Faults = Faults.None;
        Assert.Equal("", other.Ask("b", "sys", "ping"));
        bench.Advance(3999);
        Assert.Equal(("", ""), (bench.Client.Received(), other.Received()));
        bench.Advance(1);
        Assert.Equal((1, 1), (bench.Client.Lines().Length, other.Lines().Length));
    }

    [Fact]
    public async Task A_missing_field_may_end_the_front()
    {
        const string push = """{"request_id":"x","work_id":"sys","action":"push"}""";
        await using var plain = new Bench();
        Assert.Contains("reace reset", plain.Client.Ask(push), StringComparison.Ordinal);
        await using var bench = Bench.With(Fault.FrontDiesOnMissingField);
        bench.Client.Setup();
        bench.Client.Ask(push);
        Assert.True(bench.Client.IsClosed);
        Assert.Equal(-4, Replies.Code(bench.Connect().Ask(BenchClient.InferText("i", "llm.1000", "x"))));
    }

    [Fact]
    public async Task A_front_that_starts_again_writes_old_text_to_a_new_connection()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup();
        bench.Client.Infer("old", id, "Write 30 words");
        bench.Advance(1000);
        bench.Client.Received();
        bench.Device.RestartFront();
        bench.Client.Received();
        Assert.True(bench.Client.IsClosed);
        var other = bench.Connect();
        Assert.Equal(-4, Replies.Code(other.Ask(BenchClient.InferText("i", id, "x"))));
        bench.Advance(1000);
        Assert.Equal("old", Replies.RequestId(other.Lines()[0]));
        Assert.True(bench.Device.Tasks.Single().IsBusy);
    }

    [Fact]
    public async Task Reset_answers_hangs_up_and_comes_back_empty()
    {
        await using var bench = new Bench();
        bench.Client.Setup();
        Assert.Contains("llm server restarting ...", bench.Client.Ask("r", "sys", "reset"), StringComparison.Ordinal);
        Assert.True(bench.Client.IsClosed);
        await Assert.ThrowsAsync<SocketException>(async () => await bench.Device.ConnectAsync());
        bench.Advance(10_000);
        Assert.Empty(bench.Device.Tasks);
        Assert.Equal("llm.1000", bench.Connect().Setup());
    }

    [Fact]
    public async Task A_connection_is_cut_in_mid_answer_and_the_generation_goes_on()
    {
        await using var bench = Bench.Slow(Fault.ConnectionDrops);
        bench.Client.Infer("i", bench.Client.Setup(), "Write 30 words");
        bench.Advance(120 + 2900);
        bench.Client.Received();
        Assert.True(bench.Client.IsClosed);
        Assert.True(bench.Device.Tasks.Single().IsBusy);
        bench.Advance(1000);
        Assert.False(bench.Device.Tasks.Single().IsBusy);
        Assert.Equal(0, bench.Device.Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Naming_a_task_whose_owner_is_gone_may_take_a_second(bool slow)
    {
        await using var bench = slow ? Bench.With(Fault.SlowHandover) : new Bench();
        var id = bench.Client.Setup();
        await bench.Client.HangUpAsync();
        var other = bench.Connect();
        Assert.Equal(!slow, other.Ask("t", id, "taskinfo").Length > 0);
        bench.Advance(1000);
        Assert.Equal(slow, other.Received().Length > 0);
    }

    private static (int Total, int Used, int Remain) Memory(Bench bench)
    {
        var data = JsonDocument.Parse(bench.Client.Ask("m", "sys", "cmminfo")).RootElement.GetProperty("data");
        return (data.GetProperty("total").GetInt32(), data.GetProperty("used").GetInt32(), data.GetProperty("remain").GetInt32());
    }
}
