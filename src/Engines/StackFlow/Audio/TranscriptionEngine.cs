using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>Transcription by a model of <c>whisper</c> or <c>asr</c>, chunk by chunk of what it hears at a time.</summary>
internal sealed class TranscriptionEngine(string name, UnitKind unit, string model, TaskSlot slot) : ITranscriptionEngine
{
    /// <summary>Behind each chunk for a unit that ends a stretch of speech at a silence only, and would else keep it for the next request.</summary>
    private const double EndSilenceSeconds = 2.5;

    public string Name { get; } = name;

    public int Capacity => 1;

    public event Action? CapacityChanged
    {
        add { }
        remove { }
    }

    /// <summary>whisper takes any language it does not know for Chinese, and says nothing of it.</summary>
    public bool CanRun(TranscriptionRequest request) => unit != UnitKind.Whisper || WhisperLanguages.IsKnown(request.Language);

    public async IAsyncEnumerable<string> TranscribeAsync(TranscriptionRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!CanRun(request)) throw new ArgumentException("The model knows no such language.", nameof(request));
        await slot.EnterAsync(cancellation);
        try
        {
            var isFirst = true;
            foreach (var chunk in SpeechAudio.Chunks(request.Audio).Where(chunk => !SpeechAudio.IsQuiet(chunk.Span)))
            {
                await foreach (var text in HearAsync(chunk, request.Language, cancellation))
                {
                    if (text.Length == 0) continue;
                    yield return isFirst || WhisperLanguages.HasNoSpaces(request.Language) ? text : " " + text;
                    isFirst = false;
                }
            }
        }
        finally
        {
            slot.Leave();
        }
    }

    public ValueTask DisposeAsync() => slot.DisposeAsync();

    private async IAsyncEnumerable<string> HearAsync(ReadOnlyMemory<byte> chunk, string language, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isWhisper = unit == UnitKind.Whisper;
        var setup = new TaskSetup { Unit = unit, Model = model, Language = isWhisper ? language : null };
        var audio = isWhisper ? chunk : SpeechAudio.WithSilence(chunk, EndSilenceSeconds);
        await using var parts = slot.InferAsync(setup, new() { Audio = audio }, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await parts.MoveNextAsync()) yield break;
            }
            catch (DeviceException fault) when (fault.IsSilentTwice && (!isWhisper || !WhisperLanguages.AnswersSilence(language)))
            {
                // Noise without words gets no answer; the task answers control calls, and both tries were given all the time there is.
                yield break;
            }
            catch (DeviceException fault)
            {
                throw TaskSlot.Fault(fault);
            }
            if (isWhisper) yield return WithoutAddedStop(parts.Current.Text);
            else if (parts.Current.IsFinal) yield return parts.Current.Text.Trim();
        }
    }

    /// <summary>One full stop is added to whatever was recognised, also to nothing.</summary>
    private static string WithoutAddedStop(string text)
    {
        text = text.Trim();
        return text.EndsWith('.') ? text[..^1].TrimEnd() : text;
    }
}
