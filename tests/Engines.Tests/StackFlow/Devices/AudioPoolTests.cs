using StreamCore.Engines.StackFlow.Devices;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.AudioBench;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

/// <summary>How audio models share a device with each other and with language models.</summary>
[Collection(nameof(RealClock))]
public class AudioPoolTests
{
    private const string Language = PoolBench.Model;
    private const string WhisperBase = "whisper-base"; // 448,212 kB, which is guessed by the name
    private const string Chinese = "melotts-zh-cn";

    /// <summary>So slow that something can happen in the midst of an answer.</summary>
    private static readonly Pace Slow = Pace.Fast with { Speech = 0.05, Recognition = 0.2 };

    [Fact]
    public async Task Audio_models_are_found_beside_language_models()
    {
        await using var bench = await AudioBench.StartAsync(options => options.Models.Add(new DeviceModelOptions { Model = Whisper, Name = "ears" }));
        Assert.Equal([MeloTts, Chinese, SingleSpeaker, CosyVoice], bench.Pool.SpeechModelNames);
        Assert.Equal(["ears", WhisperBase, Sherpa], bench.Pool.TranscriptionModelNames);
        Assert.DoesNotContain(bench.Pool.ModelNames, name => bench.Pool.SpeechModelNames.Contains(name) || bench.Pool.TranscriptionModelNames.Contains(name));
        Assert.Equal([1, 1, 1, 2], bench.Pool.SpeechModelNames.Select(name => bench.Speech(name).Capacity));
        Assert.Equal([1, 1, 1], bench.Pool.TranscriptionModelNames.Select(name => bench.Transcription(name).Capacity));
        Assert.Equal([16_000, 48_000], new[] { MeloTts, CosyVoice }.Select(name => bench.Speech(name).SampleRate));
        Assert.Same(bench.Speech(), bench.Speech());
        Assert.Empty(bench.Pool.SpeechEnginesOf(Language));
        Assert.Empty(bench.Pool.EnginesOf(MeloTts));
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task What_a_device_says_of_a_model_goes_before_a_guess_by_its_name()
    {
        var model = SimulatedModel.Installed.Single(model => model.Name == SingleSpeaker) with { Name = "anna", AudioRate = 22_050 };
        await using var bench = await AudioBench.StartAsync(
            options => options.Devices[0].Models.Add(new DeviceModelOptions { Model = "anna" }), new SimulatorOptions { Models = [model] });
        Assert.Equal(22_050, bench.Speech("anna").SampleRate);
        Assert.Equal(Tone("anna", "Hello.", 22_050), await SpeakAsync(bench.Speech("anna"), "Hello."));
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Requests_with_the_same_settings_take_turns_on_the_one_task()
    {
        await using var bench = await AudioBench.StartAsync();
        string[] texts = ["One, two, three.", "Four, five.", "Six."];
        var heard = await Task.WhenAll(texts.Select(text => SpeakAsync(bench.Speech(), text, speed: 1.5))).WaitAsync(PoolBench.Hang);
        Assert.Equal(texts.Select(text => Tone(MeloTts, text)), heard);
        Assert.Equal("melotts.1000", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Another_speed_waits_for_the_end_of_the_speech_and_has_the_task_set_up_anew()
    {
        await using var bench = await AudioBench.StartAsync();
        var first = bench.Speech().SpeakAsync(new("One, two, three, four."), default).GetAsyncEnumerator();
        var heard = new List<byte>();
        Assert.True(await first.MoveNextAsync());
        var second = SpeakAsync(bench.Speech(), "Five, six.", speed: 1.5);
        var third = SpeakAsync(bench.Speech(), "Seven.", speed: 1.5);
        do heard.AddRange(first.Current.Span);
        while (await first.MoveNextAsync());
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();

        Assert.Equal(Tone(MeloTts, "One, two, three, four."), heard);
        Assert.Equal(Tone(MeloTts, "Five, six."), await second.WaitAsync(PoolBench.Hang));
        Assert.Equal(Tone(MeloTts, "Seven."), await third.WaitAsync(PoolBench.Hang));
        // A setup that the device had refused would have used up a number.
        Assert.Equal("melotts.1001", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Another_language_waits_for_the_end_of_the_transcription_and_has_the_task_set_up_anew()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { Pace = Slow });
        var recordings = new[] { ("en", Noise(2, 1)), ("de", Noise(2, 2)), ("de", Noise(1, 3)), ("fr", Noise(1, 4)) };
        var first = HearAsync(bench.Transcription(), recordings[0].Item2, recordings[0].Item1);
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        var others = recordings[1..].Select(recording => HearAsync(bench.Transcription(), recording.Item2, recording.Item1)).ToArray();
        var heard = await Task.WhenAll([first, .. others]).WaitAsync(PoolBench.Hang);
        Assert.Equal(recordings.Select(recording => Heard(recording.Item2, recording.Item1)), heard);
        Assert.Equal("whisper.1002", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Another_model_of_the_same_unit_takes_the_idle_task_s_place()
    {
        await using var bench = await AudioBench.StartAsync();
        foreach (var model in new[] { MeloTts, Chinese, MeloTts }) Assert.Equal(Tone(model, "Hello."), await SpeakAsync(bench.Speech(model), "Hello."));
        Assert.Equal("melotts.1002", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_unit_of_two_tasks_speaks_twice_at_a_time()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { Pace = Slow, MemoryKilobytes = 4_000_000 });
        var both = new[] { "anna", "bert" }.Select(voice => SpeakAsync(bench.Speech(CosyVoice), "Hello there, how are you today?", voice: voice)).ToArray();
        await bench.Device.UntilAsync(device => device.Tasks.Count(task => task.IsBusy) == 2).WaitAsync(PoolBench.Hang);
        var heard = await Task.WhenAll(both).WaitAsync(PoolBench.Hang);
        Assert.Equal(new[] { "anna", "bert" }.Select(voice => Tone(CosyVoice, "Hello there, how are you today?", 48_000, voice)), heard);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Idle_tasks_of_language_and_audio_models_make_room_for_each_other_in_the_memory()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { MemoryKilobytes = 900_000 });
        for (var round = 0; round < 2; round++)
        {
            await AskAsync(bench);
            Assert.Equal([Language], Models(bench));
            var audio = Noise(1, round);
            Assert.Equal(Heard(audio, model: WhisperBase), await HearAsync(bench.Transcription(WhisperBase), audio));
            Assert.Equal([WhisperBase], Models(bench));
        }

        // 59,764 kB fit beside it.
        await SpeakAsync(bench.Speech(), "Hello.");
        Assert.Equal([MeloTts, WhisperBase], Models(bench));
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_model_that_takes_more_than_was_guessed_gets_the_room_of_idle_tasks()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { MemoryKilobytes = 2_000_000 });
        await AskAsync(bench);
        Assert.Equal(Tone(CosyVoice, "Hello.", 48_000), await SpeakAsync(bench.Speech(CosyVoice), "Hello."));
        Assert.Equal([CosyVoice], Models(bench));
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Who_needs_the_memory_of_busy_tasks_waits_and_gets_it_before_those_who_came_later()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { MemoryKilobytes = 900_000, Pace = Pace.Fast with { Token = TimeSpan.FromMilliseconds(3) } });
        var running = AskAsync(bench, "Say 300 words");
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        var audio = Noise(1);
        var engine = bench.Transcription(WhisperBase);
        var waiting = HearAsync(engine, audio);
        await PoolBench.UntilAsync(() => engine.Capacity == 0, look => engine.CapacityChanged += look, look => engine.CapacityChanged -= look);
        var later = Enumerable.Range(0, 4).Select(i => AskAsync(bench, $"Say 30{i} words please")).ToArray();
        await running.WaitAsync(PoolBench.Hang);
        Assert.Equal(Heard(audio, model: WhisperBase), await waiting.WaitAsync(PoolBench.Hang));
        Assert.DoesNotContain(later, answer => answer.IsCompleted);
        await Task.WhenAll(later).WaitAsync(PoolBench.Hang);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_model_that_fits_in_no_case_is_a_fault_and_does_not_go_on_ending_the_others()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { MemoryKilobytes = 1_000_000 });
        await AskAsync(bench);
        await FailsAsync(bench);
        await AskAsync(bench);
        for (var i = 0; i < 3; i++) await FailsAsync(bench);
        Assert.Equal([Language], Models(bench));
        await bench.EndsCleanAsync();

        static async Task FailsAsync(AudioBench bench)
        {
            await UntilAsync(bench.Speech(CosyVoice), capacity => capacity > 0); // after the back-off
            var fault = await Assert.ThrowsAsync<Scheduler.EngineException>(() => SpeakAsync(bench.Speech(CosyVoice), "Hello.").WaitAsync(PoolBench.Hang));
            Assert.True(fault.Fault.MayRetry);
        }
    }

    [Theory]
    [InlineData(MeloTts)]
    [InlineData(SingleSpeaker)]
    [InlineData(CosyVoice)]
    public async Task A_speech_that_is_cancelled_leaves_the_task_to_the_next(string model)
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { Pace = Slow });
        var engine = bench.Speech(model);
        for (var round = 0; round < 3; round++)
        {
            using var leaving = new CancellationTokenSource();
            var audio = engine.SpeakAsync(new($"This is the sentence number {round}, and this another one, and a third."), leaving.Token).GetAsyncEnumerator();
            // Before it begins, in the midst of the first piece, and after it.
            var first = audio.MoveNextAsync().AsTask();
            if (round > 0) await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
            if (round > 1) Assert.True(await first.WaitAsync(PoolBench.Hang));
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await first.WaitAsync(PoolBench.Hang);
                while (await audio.MoveNextAsync().AsTask().WaitAsync(PoolBench.Hang))
                {
                }
            });
            await audio.DisposeAsync().AsTask().WaitAsync(PoolBench.Hang);
            Assert.Equal(Tone(model, $"Next, {round}.", engine.SampleRate), await SpeakAsync(engine, $"Next, {round}."));
        }

        Assert.EndsWith(".1000", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_transcription_that_is_cancelled_leaves_the_task_to_the_next()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { Pace = Slow });
        for (var round = 0; round < 3; round++)
        {
            await CancelledAsync(bench, Whisper);
            var audio = Noise(1, round);
            Assert.Equal(Heard(audio), await HearAsync(bench.Transcription(), audio));
        }

        Assert.Equal("whisper.1000", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task What_was_heard_of_a_cancelled_transcription_is_not_in_the_next()
    {
        await using var bench = await AudioBench.StartAsync(simulator: new SimulatorOptions { Pace = Slow });
        await CancelledAsync(bench, Sherpa);
        var audio = Noise(2, 2);
        Assert.Equal(SimulatedSpeech.Transcript(Sherpa, "", audio).ToLowerInvariant(), await HearAsync(bench.Transcription(Sherpa), audio));
        // It keeps what it has heard, and cannot be stopped: another task has taken its place.
        Assert.Equal("asr.1001", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Who_is_cancelled_while_waiting_leaves_no_trace()
    {
        await using var bench = await AudioBench.StartAsync();
        var first = bench.Speech().SpeakAsync(new("One, two."), default).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        using var leaving = new CancellationTokenSource();
        var second = bench.Speech().SpeakAsync(new("Three.") { Speed = 2 }, leaving.Token).GetAsyncEnumerator();
        var waiting = second.MoveNextAsync().AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(PoolBench.Hang));
        while (await first.MoveNextAsync())
        {
        }

        await first.DisposeAsync();
        Assert.Equal(Tone(MeloTts, "Four."), await SpeakAsync(bench.Speech(), "Four."));
        Assert.Equal("melotts.1000", Assert.Single(bench.Device.Tasks).WorkId);
        await bench.EndsCleanAsync();
    }

    /// <summary>A transcription of a long recording that is cancelled while the device is at it.</summary>
    private static async Task CancelledAsync(AudioBench bench, string model)
    {
        using var leaving = new CancellationTokenSource();
        var text = bench.Transcription(model).TranscribeAsync(new(Noise(12, 99), "en"), leaving.Token).GetAsyncEnumerator();
        var first = text.MoveNextAsync().AsTask();
        await bench.Device.UntilAsync(device => device.Tasks.Any(task => task.IsBusy)).WaitAsync(PoolBench.Hang);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(PoolBench.Hang));
        await text.DisposeAsync().AsTask().WaitAsync(PoolBench.Hang);
    }

    /// <summary>A language model's answer, which is the right one.</summary>
    private static async Task AskAsync(AudioBench bench, string text = "A") =>
        Assert.Equal(PoolBench.Expected(Language, text), await PoolBench.AskAsync(bench.Language[Language], text));

    private static IEnumerable<string> Models(AudioBench bench) => bench.Device.Tasks.Select(task => task.Model).Order(StringComparer.Ordinal);
}
