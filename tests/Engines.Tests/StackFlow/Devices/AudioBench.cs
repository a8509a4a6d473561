using System.Buffers.Binary;
using StreamCore.Engines.StackFlow.Audio;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.Tests.Import;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;
using StreamCore.StackFlowSimulator;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

/// <summary>A <see cref="PoolBench"/> for audio models, with a journal.</summary>
internal sealed class AudioBench : IAsyncDisposable
{
    public const string MeloTts = "melotts-en-us";
    public const string SingleSpeaker = "single-speaker-english-fast";
    public const string CosyVoice = "CosyVoice2-0.5B-ax650";
    public const string Whisper = "whisper-tiny";
    public const string Sherpa = "sherpa-ncnn-streaming-zipformer-20M-2023-02-17";

    private readonly TempFolder _temp = new();
    private PoolBench _bench = null!;

    public PoolBench Language => _bench;

    public StackFlowPool Pool => _bench.Pool;

    public SimulatedDevice Device => _bench.Device;

    public static async Task<AudioBench> StartAsync(Action<StackFlowOptions>? shape = null, SimulatorOptions? simulator = null)
    {
        var bench = new AudioBench();
        bench._bench = await PoolBench.StartAsync(
            options =>
            {
                options.Journal = bench._temp["journal"];
                options.Timeouts.Quiet = TimeSpan.FromSeconds(1);
                shape?.Invoke(options);
            },
            simulator);
        return bench;
    }

    public ISpeechEngine Speech(string model = MeloTts) => Pool.SpeechEnginesOf(model)[0];

    public ITranscriptionEngine Transcription(string model = Whisper) => Pool.TranscriptionEnginesOf(model)[0];

    /// <summary>The pool ends, and leaves no task, no connection and no line in the journal; and it did nothing that no client should do.</summary>
    public async Task EndsCleanAsync()
    {
        await Pool.DisposeAsync().AsTask().WaitAsync(PoolBench.Hang);
        await Device.UntilAsync(device => device.Tasks.Count == 0 && device.Connections == 0).WaitAsync(PoolBench.Hang);
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
        Assert.Empty(Device.Mistakes);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _temp.Dispose();
    }

    /// <summary>All that is heard.</summary>
    public static async Task<byte[]> SpeakAsync(ISpeechEngine engine, string text, double speed = 1, string? voice = null)
    {
        var audio = new List<byte>();
        await foreach (var piece in engine.SpeakAsync(new(text) { Speed = speed, Voice = voice }, default)) audio.AddRange(piece.Span);
        return [.. audio];
    }

    public static async Task<string> HearAsync(ITranscriptionEngine engine, byte[] audio, string language = "en")
    {
        var text = "";
        await foreach (var piece in engine.TranscribeAsync(new(audio, language), default)) text += piece;
        return text;
    }

    /// <summary>Tries until it works, for devices that recover from something.</summary>
    public static async Task<T> UntilDoneAsync<T>(Func<Task<T>> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await work().WaitAsync(PoolBench.Hang);
            }
            catch (EngineException fault) when (fault.Fault.MayRetry && TimeProvider.System.GetElapsedTime(start) < PoolBench.Hang)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5)); // a device out of reach says so at once
            }
        }
    }

    public static Task UntilAsync(ISpeechEngine engine, Func<int, bool> capacity) =>
        PoolBench.UntilAsync(() => capacity(engine.Capacity), look => engine.CapacityChanged += look, look => engine.CapacityChanged -= look);

    /// <summary>What a model says of a text, piece by piece.</summary>
    public static byte[] Tone(string model, string text, int rate = 16_000, string voice = "") =>
        [.. SpeechText.Pieces(text).SelectMany(piece => SimulatedSpeech.Tone(model, piece, rate, voice))];

    /// <summary>What whisper hears of a recording that it takes in one.</summary>
    public static string Heard(byte[] audio, string language = "en", string model = Whisper) => SimulatedSpeech.Transcript(model, language, audio) + ".";

    /// <summary>Loud, never quiet between, and different for each seed.</summary>
    public static byte[] Noise(double seconds, int seed = 7)
    {
        var random = new Random(seed);
        return Samples(seconds, () => (short)((random.Next(2) * 2 - 1) * random.Next(3000, 9000)));
    }

    public static byte[] Samples(double seconds, Func<short> next)
    {
        var audio = new byte[(int)(seconds * 16_000) * 2];
        for (var at = 0; at < audio.Length; at += 2) BinaryPrimitives.WriteInt16LittleEndian(audio.AsSpan(at), next());
        return audio;
    }
}
