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
}

/// <summary>A part of an answer: text, or audio as 16-bit little-endian samples.</summary>
internal readonly record struct UnitDelta(string Text, ReadOnlyMemory<byte> Audio);
