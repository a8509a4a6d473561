using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.Tests.Import;
using StreamCore.Scheduler;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.AudioBench;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

/// <summary>Devices that fail in the midst of speech and transcription: all that is said and heard is right or a fault, and afterwards all is as before.</summary>
[Collection(nameof(RealClock))]
public class AudioFaultTests
{
    private const string Text = "This is the first piece, this the second, and this is the last one.";

    private static readonly SimulatorOptions Slow = new() { Pace = Pace.Fast with { Speech = 0.05, Recognition = 0.2 } };

    [Theory]
    [InlineData("melotts", MeloTts)]
    [InlineData("tts", SingleSpeaker)]
    [InlineData("cosy_voice", CosyVoice)]
    public async Task A_unit_that_crashes_while_it_speaks_starts_over_with_a_new_task(string unit, string model)
    {
        await using var bench = await AudioBench.StartAsync(PoolBench.Impatient, Slow);
        var speech = SpeakAsync(bench.Speech(model), Text);
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        bench.Device.CrashUnit(unit);
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => speech.WaitAsync(PoolBench.Hang))).Fault.MayRetry);
        await AllIsWellAsync(bench, model);
    }

    [Theory]
    [InlineData("whisper", Whisper)]
    [InlineData("asr", Sherpa)]
    public async Task A_unit_that_crashes_while_it_listens_starts_over_with_a_new_task(string unit, string model)
    {
        await using var bench = await AudioBench.StartAsync(PoolBench.Impatient, Slow);
        var text = HearAsync(bench.Transcription(model), Noise(5));
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        bench.Device.CrashUnit(unit);
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => text.WaitAsync(PoolBench.Hang))).Fault.MayRetry);
        var audio = Noise(2, 2);
        var expected = SimulatedSpeech.Transcript(model, "en", audio) + ".";
        if (model == Sherpa) expected = SimulatedSpeech.Transcript(model, "", audio).ToLowerInvariant();
        Assert.Equal(expected, await UntilDoneAsync(() => HearAsync(bench.Transcription(model), audio)));
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_killed_device_has_no_capacity_and_speaks_again_after_its_restart()
    {
        await using var bench = await AudioBench.StartAsync(simulator: Slow);
        var speech = SpeakAsync(bench.Speech(), Text);
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        bench.Device.Kill();
        Assert.True((await Assert.ThrowsAsync<EngineException>(() => speech.WaitAsync(PoolBench.Hang))).Fault.MayRetry);
        await UntilAsync(bench.Speech(), capacity => capacity == 0);
        await Assert.ThrowsAsync<EngineException>(() => SpeakAsync(bench.Speech(), Text));
        bench.Device.Restart();
        await UntilAsync(bench.Speech(), capacity => capacity == 1);
        await AllIsWellAsync(bench, MeloTts);
    }

    [Fact]
    public async Task A_frozen_device_is_a_fault_and_thaws_without_leftovers()
    {
        await using var bench = await AudioBench.StartAsync(PoolBench.Impatient, Slow);
        var speech = SpeakAsync(bench.Speech(), Text);
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        bench.Device.Freeze();
        await Assert.ThrowsAsync<EngineException>(() => speech.WaitAsync(PoolBench.Hang));
        await UntilAsync(bench.Speech(), capacity => capacity == 0);
        bench.Device.Thaw();
        await AllIsWellAsync(bench, MeloTts);
    }

    [Fact]
    public async Task A_task_that_somebody_ended_between_two_pieces_is_replaced()
    {
        await using var bench = await AudioBench.StartAsync();
        var audio = new List<byte>();
        var isFirst = true;
        await foreach (var piece in bench.Speech().SpeakAsync(new("One, two, three."), default))
        {
            audio.AddRange(piece.Span);
            if (!isFirst) continue;
            isFirst = false;
            await bench.Device.UntilAsync(device => device.Tasks.All(task => !task.IsBusy)).WaitAsync(PoolBench.Hang);
            await using var stranger = await DeviceControl.OpenAsync(
                new SimulatorDialer(bench.Device), new DeviceTimeouts(), TimeProvider.System, NullLogger.Instance, default);
            Assert.True(await stranger.ExitTaskAsync("melotts.1000", default));
        }

        Assert.Equal(Tone(MeloTts, "One, two, three."), audio);
        Assert.Equal("melotts.1001", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_piece_that_was_lost_is_said_by_a_second_try_and_the_next_by_another_task()
    {
        await using var bench = await AudioBench.StartAsync(PoolBench.Impatient);
        // By its seed the device loses the fifth inference, when a third of them is to be lost, and then none of the next two.
        bench.Device.Faults = Faults.None.With(Fault.InferenceLost, double.Epsilon);
        await SpeakAsync(bench.Speech(), "One, two, three, four.");
        bench.Device.Faults = Faults.None.With(Fault.InferenceLost, 0.3);
        Assert.Equal(Tone(MeloTts, "Five, six."), await SpeakAsync(bench.Speech(), "Five, six."));
        Assert.Equal("melotts.1001", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Theory]
    [InlineData(MeloTts)]
    [InlineData(SingleSpeaker)]
    [InlineData(CosyVoice)]
    [InlineData(Whisper)]
    [InlineData(Sherpa)]
    public async Task Tasks_of_a_crashed_run_are_ended_at_the_next_start(string model)
    {
        using var temp = new TempFolder();
        await using var device = SimulatedDevice.Start(Slow);
        void Journal(StackFlowOptions options)
        {
            options.Journal = temp["journal"];
            PoolBench.Impatient(options);
        }

        var dialer = new PoolBench.Dialer(device);
        await using (var pool = await PoolBench.StartAsync([device], Journal, dialer))
        {
            Task answer = pool.SpeechEnginesOf(model) is [var speech] ? SpeakAsync(speech, Text) : HearAsync(pool.TranscriptionEnginesOf(model)[0], Noise(5));
            await device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
            pool.Journal.Dispose(); // it says nothing from here on
            await dialer.CutAsync();
            await device.UntilAsync(device => device.Connections == 0).WaitAsync(PoolBench.Hang);
            await Assert.ThrowsAsync<EngineException>(() => answer.WaitAsync(PoolBench.Hang));
        }

        Assert.Equal(model, Assert.Single(device.Tasks).Model);
        Assert.NotEqual(0, new FileInfo(temp["journal"]).Length);
        await using (await PoolBench.StartAsync([device], Journal)) Assert.Empty(device.Tasks);
        Assert.Equal(0, new FileInfo(temp["journal"]).Length);
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public Task Each_fault_alone_gives_what_is_right_or_faults_and_leaves_nothing_behind() => PoolBench.EachFaultAsync(SufferAsync);

    private static async Task SufferAsync(Fault fault)
    {
        await using var bench = await AudioBench.StartAsync(PoolBench.Impatient, new SimulatorOptions { Faults = Faults.None.With(fault, 0.3) });
        for (var round = 0; round < 3; round++)
        {
            var text = $"Round {round}, and a piece, and another.";
            var audio = Noise(1, round);
            await Task.WhenAll(
                RightOrFaultAsync(Tone(MeloTts, text), () => SpeakAsync(bench.Speech(), text)),
                RightOrFaultAsync(Tone(CosyVoice, text, 48_000), () => SpeakAsync(bench.Speech(CosyVoice), text)),
                RightOrFaultAsync(Heard(audio), () => HearAsync(bench.Transcription(), audio)));
        }

        bench.Device.Faults = Faults.None;
        var last = Noise(1, 9);
        // Each unit: only then is what became of a setup that hung known for certain.
        Assert.Equal(Heard(last), await UntilDoneAsync(() => HearAsync(bench.Transcription(), last)));
        Assert.Equal(Tone(CosyVoice, Text, 48_000), await UntilDoneAsync(() => SpeakAsync(bench.Speech(CosyVoice), Text)));
        await AllIsWellAsync(bench, MeloTts);
    }

    private static async Task RightOrFaultAsync<T>(T right, Func<Task<T>> work)
    {
        try
        {
            Assert.Equal(right, await work().WaitAsync(PoolBench.Hang));
        }
        catch (EngineException fault)
        {
            Assert.True(fault.Fault.MayRetry, fault.Message);
        }
    }

    /// <summary>It speaks, and when the pool ends nothing of it is left on the device.</summary>
    private static async Task AllIsWellAsync(AudioBench bench, string model)
    {
        var engine = bench.Speech(model);
        Assert.Equal(Tone(model, Text, engine.SampleRate), await UntilDoneAsync(() => SpeakAsync(engine, Text)));
        await bench.EndsCleanAsync();
    }
}
