namespace StreamCore.Scheduler.Sessions;

/// <summary>A prompt for engines that take text and make tokens of it themselves. Checked against the model's limits by whoever made it.</summary>
public sealed record SessionPrompt
{
    /// <summary>At least one; the last is the user's. A plain completion is one message of the user.</summary>
    public required IReadOnlyList<SessionMessage> Messages { get; init; }

    /// <summary>Tokens of the prompt, as well as can be told.</summary>
    public required int Tokens { get; init; }

    /// <summary>Whether counts of tokens, of prompt and answer, are estimates.</summary>
    public required bool IsEstimate { get; init; }
}

/// <summary>One turn of a conversation.</summary>
public sealed record SessionMessage(SessionRole Role, string Text)
{
    /// <summary>Decoded and checked: JPEG files of a size the model takes.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Images { get; init; } = [];
}

/// <summary>Who speaks.</summary>
public enum SessionRole
{
    System = 0,
    User,
    Assistant,
}
