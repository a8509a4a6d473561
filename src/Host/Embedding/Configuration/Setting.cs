namespace StreamCore.Host.Configuration;

/// <summary>One configured value before it is understood: which option, what text, and where it was written (for error messages).</summary>
/// <param name="Path">Option names from the root; list items by their index.</param>
internal sealed record Setting(IReadOnlyList<string> Path, string Text, string Origin)
{
    /// <summary>The text that stands for a list without items, which a file may hold and a flag can say.</summary>
    public const string EmptyList = "[]";

    public string Name => string.Join('.', Path);
}

/// <summary>The configuration cannot be used. Lists every mistake found.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> mistakes) : Exception(string.Join(Environment.NewLine, mistakes))
{
    public IReadOnlyList<string> Mistakes { get; } = mistakes;
}
