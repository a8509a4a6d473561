using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Calls about the device, and what is made of its answers.</summary>
public sealed class DeviceControlTests
{
    private readonly ScriptedDevice _device = new();
    private readonly WatchedTime _time = new();
    private readonly DeviceTimeouts _timeouts = new();

    [Fact]
    public async Task Calls_may_overlap_and_each_gets_its_own_answer()
    {
        var (control, line) = await OpenAsync();
        var (ping, version) = (control.PingAsync(default), control.VersionAsync(default));
        var (first, second) = (await line.NextAsync("ping"), await line.NextAsync("version"));
        Assert.Equal(("sys", "sys"), (first.WorkId, second.WorkId));
        await line.ReplyAsync(second, "v1.6", "sys.utf-8");
        Assert.Equal("v1.6", await version.WaitAsync(ScriptedLine.Hang));
        Assert.False(ping.IsCompleted);
        await line.AcknowledgeAsync(first);
        await ping.WaitAsync(ScriptedLine.Hang);
    }

    [Fact]
    public async Task Models_are_read_from_new_and_old_lists()
    {
        var (control, line) = await OpenAsync();
        var listing = control.ListModelsAsync(default);
        await line.ReplyAsync(await line.NextAsync("lsmode"), new object[]
        {
            new
            {
                mode = "qwen2.5-0.5B-p256-ax630c", type = "llm", capabilities = new[] { "text_generation", "chat" },
                mode_param = new { template_filename_axmodel = "qwen2_p256_l%d_together.axmodel", cmm_size = 560460, max_token_len = 1023 },
            },
            new { model = "whisper-tiny", type = "asr", capabilities = "Automatic_Speech_Recognition" },
            new { mode = "melotts-en-us", type = "tts", mode_param = new { audio_rate = 16000 } },
            new { mode = "qwen2.5-HA-0.5B-ctx-ax630c", type = "llm", mode_param = new { precompute_len = 1024, cmm_size = "many" } },
            new { type = "llm" },
            "nonsense",
            new { mode = "yolo11n", type = "cv" },
        }, "sys.lsmode");
        var models = await listing.WaitAsync(ScriptedLine.Hang);
        Assert.Equal(
            ["qwen2.5-0.5B-p256-ax630c llm", "whisper-tiny whisper", "melotts-en-us melotts", "qwen2.5-HA-0.5B-ctx-ax630c llm", "yolo11n "],
            models.Select(model => $"{model.Mode} {model.Unit}"));
        Assert.Equal((256, 560460, 1023, 0), (models[0].PrefillTokens, models[0].MemoryKilobytes, models[0].MaxTokenLength, models[0].PrecomputeLength));
        Assert.Equal(["text_generation", "chat"], models[0].Capabilities);
        Assert.Equal(["Automatic_Speech_Recognition"], models[1].Capabilities);
        Assert.Equal(16000, models[2].AudioRate);
        Assert.Equal((1024, null, null), (models[3].PrecomputeLength, models[3].MemoryKilobytes, models[3].PrefillTokens));
    }

    [Theory]
    [InlineData("asr", "whisper-base", "whisper")]
    [InlineData("asr", "sherpa-ncnn-streaming-zipformer", "asr")]
    [InlineData("asr", "sense-voice-small", "asr")]
    [InlineData("tts", "melotts_zh-cn", "melotts")]
    [InlineData("tts", "CosyVoice2-0.5B", "cosy_voice")]
    [InlineData("tts", "single_speaker_fast", "tts")]
    [InlineData("vlm", "internvl2.5-1B-364-ax630c", "vlm")]
    [InlineData("kws", "sherpa-onnx-kws", null)]
    public void The_unit_follows_from_type_and_name(string type, string model, string? unit) => Assert.Equal(unit, UnitKind.Of(type, model)?.Name);

    [Fact]
    public async Task Memory_is_told_where_it_makes_sense()
    {
        var (control, line) = await OpenAsync();
        async Task<DeviceMemory?> AskAsync(object data)
        {
            var asking = control.MemoryAsync(default);
            await line.ReplyAsync(await line.NextAsync("cmminfo"), data, "sys.cmminfo");
            return await asking.WaitAsync(ScriptedLine.Hang);
        }

        Assert.Equal(new DeviceMemory(2000, 500, 1500), await AskAsync(new { total = 2000, used = 500, remain = 1500 }));
        Assert.Null(await AskAsync(new { total = -1, used = 500, remain = 1500 }));
        Assert.Null(await AskAsync(new { total = 100, used = 500, remain = 1500 }));
        Assert.Null(await AskAsync(new { total = "2000", used = 500, remain = 1500 }));
        Assert.Null(await AskAsync("None"));
        var refused = control.MemoryAsync(default);
        await line.RefuseAsync(await line.NextAsync("cmminfo"), -3);
        Assert.Null(await refused.WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task Tasks_are_listed_by_the_bare_unit_and_ended_by_their_ids()
    {
        var (control, line) = await OpenAsync();
        var listing = control.ListTasksAsync(UnitKind.Llm, default);
        var list = await line.NextAsync("taskinfo");
        Assert.Equal("llm", list.WorkId);
        await line.ReplyAsync(list, new[] { "llm.1004", "llm.1002" }, "llm.tasklist");
        Assert.Equal(["llm.1004", "llm.1002"], await listing.WaitAsync(ScriptedLine.Hang));

        var ending = control.ExitTaskAsync("llm.1004", default);
        var exit = await line.NextAsync("exit");
        Assert.Equal("llm.1004", exit.WorkId);
        // What the task still says comes here now, and is nobody's.
        await line.SendAsync("""{"created":1,"data":{"delta":"text","finish":false,"index":1},"error":{"code":0,"message":""},"object":"llm.utf-8.stream","request_id":"old","work_id":"llm.1004"}""");
        await line.AcknowledgeAsync(exit);
        Assert.True(await ending.WaitAsync(ScriptedLine.Hang));
        var again = control.ExitTaskAsync("llm.1004", default);
        await line.RefuseAsync(await line.NextAsync("exit"), -6);
        Assert.True(await again.WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task A_call_to_a_missing_unit_says_so()
    {
        var (control, line) = await OpenAsync();
        var listing = control.ListTasksAsync(UnitKind.Vlm, default);
        await line.RefuseAsync(await line.NextAsync("taskinfo"), -9);
        Assert.Equal(DeviceFault.UnitMissing, (await TaskHarness.FailsAsync(listing)).Fault);
    }

    [Fact]
    public async Task A_call_that_is_not_answered_is_silent_and_its_late_answer_nobodys()
    {
        // 9.3.7: what nobody knows is not answered at all.
        var (control, line) = await OpenAsync();
        var ping = control.PingAsync(default);
        var request = await line.NextAsync("ping");
        // The first wait of this length is for the sending.
        await _time.BegunAsync(_timeouts.Control);
        await _time.ElapseAsync(_timeouts.Control);
        Assert.Equal(DeviceFault.Silent, (await TaskHarness.FailsAsync(ping)).Fault);
        Assert.True(control.IsOpen);
        await line.AcknowledgeAsync(request);
        var version = control.VersionAsync(default);
        await line.ReplyAsync(await line.NextAsync("version"), "v1.6", "sys.utf-8");
        Assert.Equal("v1.6", await version.WaitAsync(ScriptedLine.Hang));
    }

    [Fact]
    public async Task A_lost_connection_fails_every_call_now_and_later()
    {
        var (control, line) = await OpenAsync();
        var calls = new Task[] { control.PingAsync(default), control.VersionAsync(default) };
        await line.NextAsync("ping");
        line.Break();
        foreach (var call in calls) Assert.Equal(DeviceFault.ConnectionLost, (await TaskHarness.FailsAsync(call)).Fault);
        await control.Closed.WaitAsync(ScriptedLine.Hang);
        Assert.False(control.IsOpen);
        Assert.Equal(DeviceFault.ConnectionLost, (await TaskHarness.FailsAsync(control.PingAsync(default))).Fault);
        await line.HungUp;
    }

    [Fact]
    public async Task Disposing_hangs_up_and_fails_what_waits()
    {
        var (control, line) = await OpenAsync();
        var ping = control.PingAsync(default);
        await line.NextAsync("ping");
        await control.DisposeAsync().AsTask().WaitAsync(ScriptedLine.Hang);
        await line.HungUp;
        Assert.Equal(DeviceFault.ConnectionLost, (await TaskHarness.FailsAsync(ping)).Fault);
        await control.Closed.WaitAsync(ScriptedLine.Hang);
    }

    private async Task<(DeviceControl Control, ScriptedLine Line)> OpenAsync()
    {
        var control = await DeviceControl.OpenAsync(_device, _timeouts, _time, NullLogger.Instance, default);
        return (control, await _device.AcceptAsync());
    }
}
