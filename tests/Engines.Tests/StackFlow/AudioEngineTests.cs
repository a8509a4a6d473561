using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Audio;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Speech and transcription against simulated devices.</summary>
public sealed class AudioEngineTests : IAsyncDisposable
{
    private const string MeloTts = "melotts-en-us";
    private const string SingleSpeaker = "single-speaker-english-fast";
    private const string CosyVoice = "CosyVoice2-0.5B-ax650";
    private const string Whisper = "whisper-tiny";
    private const string Sherpa = "sherpa-ncnn-streaming-zipformer-20M-2023-02-17";

    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    /// <summary>Long, so that a busy machine is not taken for a silent device.</summary>
    private readonly DeviceTimeouts _timeouts = new()
    {
        PauseInterval = TimeSpan.FromMilliseconds(30),
        Stop = TimeSpan.FromSeconds(20),
        Quiet = TimeSpan.FromSeconds(2),
    };

    private readonly SimulatedDevice _device = SimulatedDevice.Start(new());

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    [Theory]
    [InlineData("melotts", MeloTts)]
    [InlineData("tts", SingleSpeaker)]
    [InlineData("cosy_voice", CosyVoice)]
    public async Task Every_piece_of_a_text_is_heard(string unit, string model)
    {
        await using var engine = Speech(unit, model);
        // A mark at the end, none at the end, marks in a row, no words, quotes and backslashes, another alphabet.
        string[] texts = ["Hello, world.", "Hello, world. How are you", "Wait... what?!", "  ", "...", "A \"quoted\" \\ word", "你好，世界。"];
        foreach (var text in texts)
        {
            var expected = SpeechText.Pieces(text).SelectMany(piece => SimulatedSpeech.Tone(model, piece, engine.SampleRate)).ToArray();
            Assert.Equal(expected, await SpeakAsync(engine, text));
        }
        Assert.Single(_device.Tasks);
        Assert.Empty(_device.Mistakes);
        await engine.DisposeAsync().AsTask().WaitAsync(Hang);
        await _device.UntilAsync(device => device.Tasks.Count == 0 && device.Connections == 0).WaitAsync(Hang);
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
        await using var melo = Speech("melotts", MeloTts);
        Assert.True(melo.CanRun(new("a") { Speed = 1.5 }));
        Assert.False(melo.CanRun(new("a") { Voice = "anna" }));
        await using var single = Speech("tts", SingleSpeaker);
        Assert.False(single.CanRun(new("a") { Speed = 1.5 }));
        await Assert.ThrowsAsync<ArgumentException>(() => SpeakAsync(single, "a", speed: 1.5));
        await using var cosy = Speech("cosy_voice", CosyVoice);
        Assert.Equal(SimulatedSpeech.Tone(CosyVoice, "Hello.", 48_000, "anna"), await SpeakAsync(cosy, "Hello.", voice: "anna"));
    }

    [Theory]
    [InlineData("melotts", MeloTts, Fault.SpeechPieceFails)]
    [InlineData("tts", SingleSpeaker, Fault.SpeechPieceFails)]
    [InlineData("cosy_voice", CosyVoice, Fault.SpokenErrors)]
    public async Task A_failure_is_told_as_one_and_not_as_sound(string unit, string model, Fault fault)
    {
        await using var engine = Speech(unit, model);
        WaitBriefly();
        _device.Faults = Faults.None.With(fault);
        var failed = await Assert.ThrowsAsync<EngineException>(() => SpeakAsync(engine, "Hello."));
        Assert.True(failed.Fault.MayRetry);
        _device.Faults = Faults.None;
        Assert.Equal(SimulatedSpeech.Tone(model, "Hello.", engine.SampleRate), await SpeakAsync(engine, "Hello."));
    }

    [Theory]
    [InlineData("melotts", MeloTts)]
    [InlineData("cosy_voice", CosyVoice)]
    public async Task Speech_that_is_no_longer_wanted_does_not_reach_the_next(string unit, string model)
    {
        await using var engine = Speech(unit, model);
        for (var round = 0; round < 3; round++)
        {
            await foreach (var _ in engine.SpeakAsync(new($"One, two, three {round}, four, five."), default)) break;
            Assert.Equal(SimulatedSpeech.Tone(model, $"Next {round}.", engine.SampleRate), await SpeakAsync(engine, $"Next {round}."));
        }
        Assert.Empty(_device.Mistakes);
    }

    [Fact]
    public async Task A_task_that_is_gone_is_set_up_again()
    {
        await using var engine = Speech("melotts", MeloTts);
        await SpeakAsync(engine, "Hello.");
        _device.Restart();
        Assert.Equal(SimulatedSpeech.Tone(MeloTts, "Again.", engine.SampleRate), await SpeakAsync(engine, "Again."));
    }

    [Fact]
    public async Task Whisper_hears_in_the_language_asked_for_and_its_added_stop_is_gone()
    {
        await using var engine = Transcription("whisper", Whisper);
        foreach (var (language, seconds) in new[] { ("en", 3.0), ("de", 1.5), ("en", 2.0) })
        {
            var audio = Noise(seconds, seed: (int)(seconds * 10));
            Assert.Equal(SimulatedSpeech.Transcript(Whisper, language, audio) + ".", await HearAsync(engine, audio, language));
        }
        Assert.False(engine.CanRun(new(default, "xx")));
        await Assert.ThrowsAsync<ArgumentException>(() => HearAsync(engine, Noise(1), "xx"));
        Assert.Empty(_device.Mistakes);
    }

    [Fact]
    public async Task Long_recordings_are_cut_at_silences()
    {
        await using var engine = Transcription("whisper", Whisper);
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
    }

    [Fact]
    public async Task Silence_has_no_text_and_costs_no_request()
    {
        await using var engine = Transcription("whisper", Whisper);
        Assert.Equal("", await HearAsync(engine, new byte[32_000], "de"));
        Assert.Equal("", await HearAsync(engine, [], "en"));
        Assert.Empty(_device.Tasks);
    }

    [Theory]
    [InlineData("de")]
    [InlineData("en")]
    public async Task Noise_without_words_has_no_text(string language)
    {
        await using var engine = Transcription("whisper", Whisper);
        WaitBriefly();
        // Louder than silence, and nothing to the simulated model.
        Assert.Equal("", await HearAsync(engine, Level(50, seconds: 1), language));
        var audio = Noise(1);
        Assert.Equal(SimulatedSpeech.Transcript(Whisper, language, audio) + ".", await HearAsync(engine, audio, language));
    }

    [Fact]
    public async Task A_device_that_does_not_answer_is_a_fault_and_no_empty_text()
    {
        await using var engine = Transcription("whisper", Whisper);
        await HearAsync(engine, Noise(1), "de");
        WaitBriefly();
        _device.Freeze();
        await Assert.ThrowsAsync<EngineException>(() => HearAsync(engine, Noise(1), "de"));
        _device.Thaw();
    }

    [Fact]
    public async Task Growing_hypotheses_become_one_text_for_each_stretch_of_speech()
    {
        await using var engine = Transcription("asr", Sherpa);
        byte[] first = Noise(3, 1), second = Noise(2, 2);
        string Text(byte[] audio) => SimulatedSpeech.Transcript(Sherpa, "", audio).ToLowerInvariant();
        Assert.Equal(Text(first) + " " + Text(second), await HearAsync(engine, [.. first, .. new byte[2 * 32_000], .. second], "en"));
        // Of this one only the rest of the silence is heard in the next: it listens in steps of a second.
        Assert.Equal(Text([.. new byte[16_000], .. second]), await HearAsync(engine, second, "en"));
        Assert.Empty(_device.Mistakes);
    }

    /// <summary>For tests in which the device is silent.</summary>
    private void WaitBriefly()
    {
        _timeouts.FirstDelta = TimeSpan.FromSeconds(1);
        _timeouts.NextDelta = TimeSpan.FromSeconds(1);
        _timeouts.Stop = TimeSpan.FromMilliseconds(600);
    }

    private SpeechEngine Speech(string unit, string model) => new(
        model, UnitKind.Find(unit)!, model, unit == "cosy_voice" ? 48_000 : 16_000, new(new SimulatorDialer(_device), _timeouts, TimeProvider.System, NullLogger.Instance));

    private TranscriptionEngine Transcription(string unit, string model) => new(
        model, UnitKind.Find(unit)!, model, new(new SimulatorDialer(_device), _timeouts, TimeProvider.System, NullLogger.Instance));

    private static async Task<byte[]> SpeakAsync(SpeechEngine engine, string text, double speed = 1, string? voice = null)
    {
        var audio = new List<byte>();
        await foreach (var piece in engine.SpeakAsync(new(text) { Speed = speed, Voice = voice }, default)) audio.AddRange(piece.Span);
        return [.. audio];
    }

    private static async Task<string> HearAsync(TranscriptionEngine engine, byte[] audio, string language)
    {
        var text = "";
        await foreach (var piece in engine.TranscribeAsync(new(audio, language), default)) text += piece;
        return text;
    }

    /// <summary>Loud, never quiet between, and different for each seed.</summary>
    private static byte[] Noise(double seconds, int seed = 7)
    {
        var random = new Random(seed);
        return Samples(seconds, () => (short)((random.Next(2) * 2 - 1) * random.Next(3000, 9000)));
    }

    private static byte[] Level(short amplitude, double seconds) => Samples(seconds, () => amplitude);

    private static byte[] Samples(double seconds, Func<short> next)
    {
        var audio = new byte[(int)(seconds * 16_000) * 2];
        for (var at = 0; at < audio.Length; at += 2) BinaryPrimitives.WriteInt16LittleEndian(audio.AsSpan(at), next());
        return audio;
    }
}
