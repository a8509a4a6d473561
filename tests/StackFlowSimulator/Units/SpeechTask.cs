using System.Text;
using StreamCore.StackFlowSimulator.Front;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>
/// A task of melotts, tts or cosy_voice. melotts in a stream format sends each piece, the last with the finish, though it be empty; in a plain format
/// nothing but the last piece. tts sends a message for each piece and no end; in a stream format they are empty. cosy_voice speaks the
/// text as one, in pieces of a second, and can be paused.
/// </summary>
internal sealed class SpeechTask(Unit unit, TaskSettings settings) : UnitTask(unit, settings)
{
    private readonly InferenceData _text = new(isOrdered: false);
    private readonly int _rate = settings.Number("audio_rate") ?? settings.Model.AudioRate;
    private readonly string _voice = settings.Text("prompt_dir", "");
    private TaskCompletionSource _idle = Done();
    private bool _isToStop;

    public override bool IsBusy => !_idle.Task.IsCompleted;

    public override bool CanPause => Unit.Name == "cosy_voice";

    public override Task Pause()
    {
        _isToStop = true;
        return _idle.Task;
    }

    public override Task EndAsync()
    {
        _isToStop = true;
        return base.EndAsync();
    }

    protected override async Task InferAsync(Request request)
    {
        if (!Hears("tts") && !Hears(Unit.Name)) return;
        var decoded = InferenceData.IsBase64(request) ? Decode(request) : request;
        var (code, message) = decoded is null ? (-23, "Base64 decoding error.") : (0, "");
        string? escaped = null;
        if (decoded is not null) (code, message) = _text.Take(decoded, out escaped);
        if (code != 0)
        {
            await Unit.FailInferenceAsync(code, message, request);
            return;
        }

        if (escaped is null) return;
        if (Escapes.Undo(escaped) is not { } text || text is "" or "None")
        {
            Life.Device.Mistake($"{WorkId} was sent no text to speak");
            return;
        }

        _idle = new();
        try
        {
            _isToStop = false;
            if (Unit.Name == "cosy_voice") await SpeakWholeAsync(text);
            else await SpeakPiecesAsync(text);
        }
        finally
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>Each piece is decoded for itself, so they are put back as text.</summary>
    private static Request? Decode(Request request)
    {
        var data = request.Field("data");
        var text = data.IsObject ? RawText.Find(data.Text, "delta").Text : data.Text;
        if (text is null || InferenceData.FromBase64(text) is not { } bytes) return null;
        var plain = Encoding.UTF8.GetString(bytes).Replace("\"", "\\\"", StringComparison.Ordinal);
        return request with { Text = request.Text.Replace('"' + text + '"', '"' + plain + '"', StringComparison.Ordinal) };
    }

    private async Task SpeakPiecesAsync(string text)
    {
        var pieces = SimulatedSpeech.Pieces(text);
        foreach (var (i, piece) in pieces.Index())
        {
            var isLast = i == pieces.Count - 1;
            if (piece.Length == 0 && Unit.Name == "tts") return;
            var sound = SimulatedSpeech.Tone(Settings.Model.Name, piece, _rate, _voice);
            await Unit.Wait(TimeSpan.FromSeconds(Life.Pace.Speech * sound.Length / 2 / _rate));
            if (Life.Chance(Fault.SpeechPieceFails)) Life.Front.Acknowledge(Owner, -11, "Model run failed.", RequestId, WorkId);
            else if (Unit.Name == "tts") SendOne(sound);
            else if (IsStream) SendDelta(Convert.ToBase64String(sound), isLast, RequestId);
            else if (isLast) Send(Reply.Quote(Convert.ToBase64String(sound)), RequestId);
        }
    }

    private void SendOne(byte[] sound)
    {
        if (IsStream) SendDelta("", true, RequestId);
        else Send(Reply.Quote(Convert.ToBase64String(sound)), RequestId);
    }

    private async Task SpeakWholeAsync(string text)
    {
        if (Life.Chance(Fault.SpokenErrors))
        {
            SendDelta(Convert.ToBase64String("Error: the token generator did not give any token."u8), true, RequestId);
            return;
        }

        var sound = SimulatedSpeech.Tone(Settings.Model.Name, text, _rate, _voice);
        var spoken = 0;
        while (spoken < sound.Length && !_isToStop)
        {
            var piece = sound.AsMemory(spoken, Math.Min(2 * _rate, sound.Length - spoken));
            await Unit.Wait(TimeSpan.FromSeconds(Life.Pace.Speech * piece.Length / 2 / _rate));
            spoken += piece.Length;
            if (IsStream) SendDelta(Convert.ToBase64String(piece.Span), spoken == sound.Length, RequestId);
        }

        if (!IsStream) Send(Reply.Quote(Convert.ToBase64String(sound.AsSpan(0, spoken))), RequestId);
        else if (spoken < sound.Length) SendDelta("", true, RequestId);
    }

    private static TaskCompletionSource Done()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
