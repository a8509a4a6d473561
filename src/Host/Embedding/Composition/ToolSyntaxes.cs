using StreamCore.Protocol;

namespace StreamCore.Host.Composition;

/// <summary>The names by which an operator says how a model writes its calls of tools.</summary>
internal static class ToolSyntaxes
{
    public const string Auto = "auto";

    public static string Names { get; } = string.Join(", ", Enum.GetNames<ToolSyntax>().Select(name => name.ToLowerInvariant()).Prepend(Auto));

    /// <summary>False for <see cref="Auto"/>, and for what is no name.</summary>
    public static bool TryParse(string name, out ToolSyntax syntax) =>
        Enum.TryParse(name, ignoreCase: true, out syntax) && Enum.GetNames<ToolSyntax>().Contains(name, StringComparer.OrdinalIgnoreCase);
}
