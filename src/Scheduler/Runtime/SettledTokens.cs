namespace StreamCore.Scheduler;

/// <summary>What a step gave.</summary>
internal struct SettledTokens
{
    /// <summary>Tokens of answers.</summary>
    public int Drawn;

    /// <summary>Drafts that were verified.</summary>
    public int Drafted;

    /// <summary>Those of them that were drawn and gave one more token.</summary>
    public int Accepted;
}
