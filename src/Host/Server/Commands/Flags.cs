using StreamCore.Host;

namespace StreamCore.Server.Commands;

/// <summary>The flags of one command: <c>--name value</c> or <c>--name=value</c> after its plain argument, and switches, which have no value. Every
/// mistake is told plainly.</summary>
internal sealed class Flags
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    /// <summary>A command with one plain argument and no switches.</summary>
    public Flags(string[] arguments, string usage, params string[] known)
        : this(arguments, usage, [], known)
    {
        if (Argument is null) throw new StartupException("Usage: " + usage);
    }

    private Flags(string[] arguments, string usage, string[] switches, string[] known)
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
            if (switches.Contains(parts[0]) && parts.Length == 1)
            {
                _values[parts[0]] = [];
                continue;
            }

            if (!known.Contains(parts[0])) throw new StartupException($"There is no flag --{parts[0]} here. Usage: {usage}");
            if (parts.Length == 1 && i + 1 == arguments.Length) throw new StartupException($"--{parts[0]} needs a value. Usage: {usage}");
            if (!_values.TryGetValue(parts[0], out var values)) _values[parts[0]] = values = [];
            values.Add(parts.Length == 2 ? parts[1] : arguments[++i]);
        }
    }

    /// <summary>The one plain argument.</summary>
    public string? Argument { get; }

    /// <summary>A command that has flags and switches only.</summary>
    public static Flags Only(string[] arguments, string usage, string[] switches, params string[] known)
    {
        var flags = new Flags(arguments, usage, switches, known);
        return flags.Argument is null ? flags : throw new StartupException($"'{flags.Argument}' is one argument too many. Usage: {usage}");
    }

    /// <summary>The value, the last where it was given several times.</summary>
    public string Value(string name, string fallback) => _values.TryGetValue(name, out var values) ? values[^1] : fallback;

    /// <summary>Every value of a flag that may be given several times.</summary>
    public IReadOnlyList<string> Values(string name) => _values.GetValueOrDefault(name, []);

    /// <summary>Whether a switch is there.</summary>
    public bool Has(string name) => _values.ContainsKey(name);
}
