namespace StreamCore.LoadTests.Client;

/// <summary>What became of one request. Times are readings of the monotonic clock.</summary>
internal sealed class RequestRecord
{
    /// <summary>When it was to be sent; latencies count from here, so that a late driver or a full server hides nothing.</summary>
    public required long Intended { get; init; }

    /// <summary>When it was sent.</summary>
    public required long Sent { get; init; }

    /// <summary>When the last byte came, or the request failed or was given up.</summary>
    public long End { get; set; }

    /// <summary>When each event with text arrived; empty for an answer in one piece.</summary>
    public List<long> Arrivals { get; } = [];

    public int PromptTokens { get; set; }

    /// <summary>As the server counts them; where it was not heard to the end, the pieces of text that came.</summary>
    public int CompletionTokens { get; set; }

    /// <summary>The client hung up as planned.</summary>
    public bool Aborted { get; set; }

    /// <summary>The kind of error, or null.</summary>
    public string? Error { get; set; }

    /// <summary>What the server said of a request that it refused, or null.</summary>
    public string? Refusal { get; set; }
}
