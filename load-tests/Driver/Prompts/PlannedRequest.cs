namespace StreamCore.LoadTests.Prompts;

/// <summary>A request as it will be sent.</summary>
/// <param name="Prefix">The shared beginning, or null.</param>
/// <param name="AbortAfter">Pieces of text after which the client hangs up, or null.</param>
internal sealed record PlannedRequest(string? Prefix, string Prompt, int MaxTokens, bool Stream, int? AbortAfter);
