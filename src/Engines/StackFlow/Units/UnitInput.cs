namespace StreamCore.Engines.StackFlow.Units;

/// <summary>What one inference is given.</summary>
internal sealed record UnitInput
{
    /// <summary>For text and speech units. Not what they would take for something else; see <see cref="UnitTask.InferAsync"/>.</summary>
    public string? Text { get; init; }

    /// <summary>For <c>vlm</c>: JPEG files, sent before the text. Older models use the last one only.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Images { get; init; } = [];

    /// <summary>For speech recognition: 16-bit little-endian samples, mono, 16 kHz; <c>whisper</c> uses 30 s of it.</summary>
    public ReadOnlyMemory<byte> Audio { get; init; }

    /// <summary>Whether no answer, from a task that answers control calls, is one too: noise without words gets none.</summary>
    public bool MayBeUnanswered { get; init; }
}

/// <summary>A part of an answer.</summary>
/// <param name="Text">Text that comes after what came before. Of <c>asr</c>: what the current stretch of speech is heard as so far.</param>
/// <param name="Audio">Of speech: 16-bit little-endian samples.</param>
/// <param name="IsFinal">Of <c>asr</c>: the stretch has ended, and the next part is of another.</param>
internal readonly record struct UnitDelta(string Text, ReadOnlyMemory<byte> Audio, bool IsFinal = false);
