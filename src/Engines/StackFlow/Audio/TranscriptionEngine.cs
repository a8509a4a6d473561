using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>Transcription by a model of <c>whisper</c> or <c>asr</c> on one device, chunk by chunk of what it hears at a time.</summary>
internal sealed class TranscriptionEngine(StackFlowDevice device, PooledModel pooled) : AudioEngine(device, pooled), ITranscriptionEngine
{
    /// <summary>Behind each chunk for a unit that ends a stretch of speech at a silence only, and would else keep it for the next request.</summary>
    private const double EndSilenceSeconds = 2.5;

    private bool IsWhisper => Unit == UnitKind.Whisper;

    /// <summary>whisper takes any language it does not know for Chinese, and says nothing of it.</summary>
    public bool CanRun(TranscriptionRequest request) => !IsWhisper || WhisperLanguages.IsKnown(request.Language);

    public async IAsyncEnumerable<string> TranscribeAsync(TranscriptionRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!CanRun(request)) throw new ArgumentException("The model knows no such language.", nameof(request));
        await using var lease = Lease(new() { Unit = Unit, Model = Model, Language = IsWhisper ? request.Language : null });
        var isFirst = true;
        foreach (var chunk in SpeechAudio.Chunks(request.Audio).Where(chunk => !SpeechAudio.IsQuiet(chunk.Span)))
        {
            await foreach (var part in lease.InferAsync(Input(chunk, request.Language), cancellation).ConfigureAwait(false))
            {
                var text = TextOf(part);
                if (text.Length == 0) continue;
                yield return isFirst || WhisperLanguages.HasNoSpaces(request.Language) ? text : " " + text;
                isFirst = false;
            }
        }
    }

    private UnitInput Input(ReadOnlyMemory<byte> chunk, string language) => new()
    {
        Audio = IsWhisper ? chunk : SpeechAudio.WithSilence(chunk, EndSilenceSeconds),
        MayBeUnanswered = !IsWhisper || !WhisperLanguages.AnswersSilence(language),
    };

    /// <summary>Of a unit whose hypotheses grow, the last of each stretch of speech.</summary>
    private string TextOf(UnitDelta part) => IsWhisper ? WithoutAddedStop(part.Text) : part.IsFinal ? part.Text.Trim() : "";

    /// <summary>One full stop is added to whatever was recognised, also to nothing.</summary>
    private static string WithoutAddedStop(string text)
    {
        text = text.Trim();
        return text.EndsWith('.') ? text[..^1].TrimEnd() : text;
    }
}
