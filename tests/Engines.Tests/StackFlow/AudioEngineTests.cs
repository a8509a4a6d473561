using StreamCore.Engines.StackFlow.Audio;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.Tests.StackFlow.Devices;
using StreamCore.Scheduler;
using StreamCore.StackFlowSimulator;
using Xunit;
using static StreamCore.Engines.Tests.StackFlow.Devices.AudioBench;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Speech and transcription against simulated devices: what is said and heard. How their tasks are shared out is in <see cref="AudioPoolTests"/>.</summary>
[Collection(nameof(RealClock))]
public sealed class AudioEngineTests : IAsyncLifetime
{
    private DeviceTimeouts _timeouts = null!;
    private AudioBench _bench = null!;

    private SimulatedDevice Device => _bench.Device;

    public async ValueTask InitializeAsync() => _bench = await AudioBench.StartAsync(options => _timeouts = options.Timeouts);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(MeloTts)]
    [InlineData(SingleSpeaker)]
    [InlineData(CosyVoice)]
    public async Task Every_piece_of_a_text_is_heard(string model)
    {
        var engine = _bench.Speech(model);
        // A mark at the end, none at the end, marks in a row, no words, quotes and backslashes, another alphabet.
        string[] texts = ["Hello, world.", "Hello, world. How are you", "Wait... what?!", "  ", "...", "A \"quoted\" \\ word", "你好，世界。"];
        foreach (var text in texts) Assert.Equal(Tone(model, text, engine.SampleRate), await SpeakAsync(engine, text));
        Assert.EndsWith(".1000", Assert.Single(Device.Tasks).WorkId);
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public void A_text_is_cut_where_the_units_cut_it_and_nowhere_else()
    {
        Assert.Equal(["Hello,", "world.", "How are you"], SpeechText.Pieces("Hello, world. How are you"));
        Assert.Equal(["Wait.", "what?"], SpeechText.Pieces("Wait... what?!"));
        Assert.Equal(["3.", "14 dollars"], SpeechText.Pieces("3.14 dollars"));
        Assert.Equal(["你好，", "世界。"], SpeechText.Pieces("你好，世界。"));
        Assert.Empty(SpeechText.Pieces(" \n\"...\" !"));
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            const string Alphabet = "ab 1 .,!?；。\n\\\"😀é";
            var text = string.Concat(Enumerable.Range(0, random.Next(900)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var pieces = SpeechText.Pieces(text);
            Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, 200));
            Assert.All(pieces, piece => Assert.InRange(SimulatedSpeech.Pieces(piece).Count(part => part.Length > 0), 1, 1));
            Assert.Equal(text.Where(char.IsAsciiLetterOrDigit), string.Concat(pieces).Where(char.IsAsciiLetterOrDigit));
        }
    }

    [Fact]
    public async Task Speed_and_voice_are_honoured_or_refused()
    {
        var melo = _bench.Speech(MeloTts);
        Assert.True(melo.CanRun(new("a") { Speed = 1.5 }));
        Assert.False(melo.CanRun(new("a") { Voice = "anna" }));
        var single = _bench.Speech(SingleSpeaker);
        Assert.False(single.CanRun(new("a") { Speed = 1.5 }));
        await Assert.ThrowsAsync<ArgumentException>(() => SpeakAsync(single, "a", speed: 1.5));
        var cosy = _bench.Speech(CosyVoice);
        Assert.Equal(SimulatedSpeech.Tone(CosyVoice, "Hello.", 48_000, "anna"), await SpeakAsync(cosy, "Hello.", voice: "anna"));
        await _bench.EndsCleanAsync();
    }

    [Theory]
    [InlineData(MeloTts, Fault.SpeechPieceFails)]
    [InlineData(SingleSpeaker, Fault.SpeechPieceFails)]
    [InlineData(CosyVoice, Fault.SpokenErrors)]
    public async Task A_failure_is_told_as_one_and_not_as_sound(string model, Fault fault)
    {
        var engine = _bench.Speech(model);
        WaitBriefly();
        Device.Faults = Faults.None.With(fault);
        var failed = await Assert.ThrowsAsync<EngineException>(() => SpeakAsync(engine, "Hello."));
        Assert.True(failed.Fault.MayRetry);
        Device.Faults = Faults.None;
        Assert.Equal(SimulatedSpeech.Tone(model, "Hello.", engine.SampleRate), await SpeakAsync(engine, "Hello."));
        await _bench.EndsCleanAsync();
    }

    [Theory]
    [InlineData(MeloTts)]
    [InlineData(CosyVoice)]
    public async Task Speech_that_is_no_longer_wanted_does_not_reach_the_next(string model)
    {
        var engine = _bench.Speech(model);
        for (var round = 0; round < 3; round++)
        {
            await foreach (var _ in engine.SpeakAsync(new($"One, two, three {round}, four, five."), default)) break;
            Assert.Equal(SimulatedSpeech.Tone(model, $"Next {round}.", engine.SampleRate), await SpeakAsync(engine, $"Next {round}."));
        }
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Whisper_hears_in_the_language_asked_for_and_its_added_stop_is_gone()
    {
        var engine = _bench.Transcription(Whisper);
        foreach (var (language, seconds) in new[] { ("en", 3.0), ("de", 1.5), ("en", 2.0) })
        {
            var audio = Noise(seconds, seed: (int)(seconds * 10));
            Assert.Equal(Heard(audio, language), await HearAsync(engine, audio, language));
        }
        Assert.False(engine.CanRun(new(default, "xx")));
        await Assert.ThrowsAsync<ArgumentException>(() => HearAsync(engine, Noise(1), "xx"));
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Long_recordings_are_cut_at_silences()
    {
        var engine = _bench.Transcription(Whisper);
        byte[] first = Noise(24, 1), pause = new byte[2 * 16_000], second = Noise(20, 2);
        byte[] audio = [.. first, .. pause, .. second];
        var chunks = SpeechAudio.Chunks(audio).ToArray();
        Assert.Equal(2, chunks.Length);
        Assert.InRange(chunks[0].Length, first.Length, first.Length + pause.Length);
        Assert.Equal(audio, chunks.SelectMany(chunk => chunk.ToArray()));
        var expected = string.Join(' ', chunks.Select(chunk => SimulatedSpeech.Transcript(Whisper, "en", chunk.Span) + "."));
        Assert.Equal(expected, await HearAsync(engine, audio, "en"));
        Assert.All(SpeechAudio.Chunks(Noise(100, 3)), chunk => Assert.InRange(chunk.Length, 1, 30 * 32_000));
        Assert.Equal(100 * 32_000, SpeechAudio.Chunks(Noise(100, 3)).Sum(chunk => chunk.Length));
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Silence_has_no_text_and_costs_no_request()
    {
        var engine = _bench.Transcription(Whisper);
        Assert.Equal("", await HearAsync(engine, new byte[32_000], "de"));
        Assert.Equal("", await HearAsync(engine, [], "en"));
        Assert.Empty(Device.Tasks);
        await _bench.EndsCleanAsync();
    }

    [Theory]
    [InlineData("de")]
    [InlineData("en")]
    public async Task Noise_without_words_has_no_text(string language)
    {
        var engine = _bench.Transcription(Whisper);
        WaitBriefly();
        // Louder than silence, and nothing to the simulated model.
        Assert.Equal("", await HearAsync(engine, Samples(1, () => 50), language));
        var audio = Noise(1);
        Assert.Equal(Heard(audio, language), await HearAsync(engine, audio, language));
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public async Task A_device_that_does_not_answer_is_a_fault_and_no_empty_text()
    {
        var engine = _bench.Transcription(Whisper);
        await HearAsync(engine, Noise(1), "de");
        WaitBriefly();
        Device.Freeze();
        await Assert.ThrowsAsync<EngineException>(() => HearAsync(engine, Noise(1), "de"));
        Device.Thaw();
        await _bench.EndsCleanAsync();
    }

    [Fact]
    public async Task Growing_hypotheses_become_one_text_for_each_stretch_of_speech()
    {
        var engine = _bench.Transcription(Sherpa);
        byte[] first = Noise(3, 1), second = Noise(2, 2);
        string Text(byte[] audio) => SimulatedSpeech.Transcript(Sherpa, "", audio).ToLowerInvariant();
        Assert.Equal(Text(first) + " " + Text(second), await HearAsync(engine, [.. first, .. new byte[2 * 32_000], .. second], "en"));
        // Of this one only the rest of the silence is heard in the next: it listens in steps of a second.
        Assert.Equal(Text([.. new byte[16_000], .. second]), await HearAsync(engine, second, "en"));
        await _bench.EndsCleanAsync();
    }

    /// <summary>For tests in which the device is silent.</summary>
    private void WaitBriefly()
    {
        _timeouts.FirstDelta = TimeSpan.FromSeconds(1);
        _timeouts.NextDelta = TimeSpan.FromSeconds(1);
        _timeouts.Stop = TimeSpan.FromMilliseconds(600);
    }
}
