using System.Runtime.InteropServices;
using StreamCore.StackFlowSimulator.Front;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>
/// A task of whisper or asr. whisper hears the first 30 s of each inference, adds one full stop, and in most languages says nothing where it hears
/// nothing. asr hears on from inference to inference, says all it has heard so far each time, and finishes where silence is long enough.
/// </summary>
internal sealed class RecognitionTask(Unit unit, TaskSettings settings) : UnitTask(unit, settings)
{
    private const int SampleBytes = 2;
    private const int MaxSeconds = 30;
    private const int HypothesisSeconds = 1;
    private const double SilenceSeconds = 1.2;
    private const string UnknownLanguage = "zh";

    private static readonly string[] Languages =
        ["en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id", "hi", "fi", "vi", "he", "uk", "el", "cs", "ro", "da", "hu"];

    private readonly InferenceData _sound = new();
    private readonly List<byte> _heard = [];
    private readonly string _language = settings.Text("language", "") is { } language && Languages.Contains(language) ? language : UnknownLanguage;
    private bool _isBusy;

    public override bool IsBusy => _isBusy;

    /// <summary>The microphone stops; what is being recognised goes on.</summary>
    public override bool CanPause => true;

    public override bool CanWork => true;

    protected override async Task InferAsync(Request request)
    {
        if (!Hears(Unit.Name)) return;
        var (code, message) = _sound.Take(request, out var text);
        byte[]? bytes = null;
        if (code == 0 && text is not null && (bytes = InferenceData.FromBase64(text)) is null) (code, message) = (-23, "Base64 decoding error.");
        if (code != 0) await Unit.FailInferenceAsync(code, message, request);
        if (bytes is null) return;
        var format = request.Field("object").Text ?? "";
        if (Samples(format, bytes) is not { } samples)
        {
            Life.Device.Mistake($"{WorkId} was sent sound that it cannot read");
            return;
        }

        _isBusy = true;
        try
        {
            if (Unit.Name == "whisper") await WhisperAsync(samples);
            else await HearOnAsync(samples);
        }
        finally
        {
            _isBusy = false;
        }
    }

    /// <summary>What follows the first "data" and its length, or everything; null for what is silently ignored.</summary>
    private static byte[]? Samples(string format, byte[] bytes)
    {
        if (!format.Contains("base64", StringComparison.Ordinal) || format.Contains("mp3", StringComparison.Ordinal)) return null;
        if (!format.Contains("wav", StringComparison.Ordinal)) return bytes;
        var at = bytes.AsSpan().IndexOf("data"u8);
        return at < 0 || at + 8 > bytes.Length ? null : bytes[(at + 8)..];
    }

    private async Task WhisperAsync(byte[] samples)
    {
        var heard = samples.AsMemory(0, Math.Min(samples.Length, MaxSeconds * SimulatedSpeech.RecognitionRate * SampleBytes));
        var text = SimulatedSpeech.Transcript(Settings.Model.Name, _language, heard.Span);
        await Unit.Wait(Life.Pace.Recognition * (Settings.Model.Prefill + (Settings.Model.Token * SimulatedText.CountTokens(text))));
        if (text.Length > 0) Say(" " + text + "." + ".", true); // its own full stop, and the one that is added
        else if (_language is "en" or "ja") Say(".", true);
    }

    private async Task HearOnAsync(byte[] samples)
    {
        const int step = HypothesisSeconds * SimulatedSpeech.RecognitionRate * SampleBytes;
        const int silence = (int)(SilenceSeconds * SimulatedSpeech.RecognitionRate) * SampleBytes;
        for (var at = 0; at < samples.Length; at += step)
        {
            _heard.AddRange(samples.AsSpan(at, Math.Min(step, samples.Length - at)));
            var sound = _heard.Count - TrailingSilence();
            if (sound == 0) continue;
            var text = SimulatedSpeech.Transcript(Settings.Model.Name, "", [.. _heard[..sound]]).ToLowerInvariant();
            await Unit.Wait(Life.Pace.Recognition * Settings.Model.Prefill);
            var isFinished = TrailingSilence() >= silence;
            Say(text, isFinished);
            if (isFinished) _heard.Clear();
        }
    }

    /// <summary>Bytes of quiet at the end of what was heard.</summary>
    private int TrailingSilence()
    {
        var samples = CollectionsMarshal.AsSpan(_heard);
        var end = samples.Length;
        while (end >= SampleBytes && SimulatedSpeech.IsQuiet(samples[(end - SampleBytes)..end])) end -= SampleBytes;
        return samples.Length - end;
    }

    private void Say(string text, bool finish)
    {
        if (IsStream) SendDelta(text, finish, RequestId);
        else if (finish) Send(Reply.Quote(text), RequestId);
    }
}
