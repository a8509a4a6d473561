namespace StreamCore.StackFlowSimulator.Front;

/// <summary>A message whose envelope llm_sys could read.</summary>
/// <param name="Text">The whole message, in which the units look up what they need.</param>
internal sealed record Request(string RequestId, string WorkId, string Action, string Text, int Channel)
{
    public string Unit => WorkId.Split('.')[0];

    /// <summary>Names a task, not just a unit.</summary>
    public bool NamesTask => WorkId.Contains('.', StringComparison.Ordinal);

    /// <summary>The value of a top-level key as the units find it.</summary>
    public RawValue Field(string name) => RawText.Find(Text, name);
}
