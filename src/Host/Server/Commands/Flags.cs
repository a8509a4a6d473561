using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary>The flags of one command: <c>--name value</c> or <c>--name=value</c> after its plain arguments. Every mistake is told plainly.</summary>
internal sealed class Flags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public Flags(string[] arguments, string usage, params string[] known)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                if (Argument is not null) throw new StartupException($"'{arguments[i]}' is one argument too many. Usage: {usage}");
                Argument = arguments[i];
                continue;
            }

            var parts = arguments[i][2..].Split('=', 2);
            if (!known.Contains(parts[0])) throw new StartupException($"There is no flag --{parts[0]} here. Usage: {usage}");
            if (parts.Length == 1 && i + 1 == arguments.Length) throw new StartupException($"--{parts[0]} needs a value. Usage: {usage}");
            _values[parts[0]] = parts.Length == 2 ? parts[1] : arguments[++i];
        }

        if (Argument is null) throw new StartupException("Usage: " + usage);
    }

    /// <summary>The one plain argument.</summary>
    public string? Argument { get; }

    public string Value(string name, string fallback) => _values.GetValueOrDefault(name, fallback);
}
