using System.Globalization;

namespace StreamCore.LoadTests;

/// <summary>The arguments of one command: plain ones, and <c>--name value</c>, of which some may be given several times.</summary>
internal sealed class Arguments
{
    private readonly List<(string Name, string Value)> _flags = [];

    /// <exception cref="UsageException">A flag is not known or lacks its value.</exception>
    public Arguments(IReadOnlyList<string> arguments, params string[] known)
    {
        var plain = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                plain.Add(arguments[i]);
                continue;
            }

            var name = arguments[i][2..];
            if (!known.Contains(name)) throw new UsageException($"There is no flag --{name} here; there are {string.Join(", ", known.Select(one => "--" + one))}.");
            if (++i == arguments.Count) throw new UsageException($"--{name} needs a value.");
            _flags.Add((name, arguments[i]));
        }

        Plain = plain;
    }

    public IReadOnlyList<string> Plain { get; }

    public IReadOnlyList<string> All(string name) => [.. _flags.Where(flag => flag.Name == name).Select(flag => flag.Value)];

    public string? Value(string name) => All(name) is [.., var last] ? last : null;

    /// <exception cref="UsageException">It is not a whole number from <paramref name="least"/> on.</exception>
    public int Number(string name, int fallback, int least = 0)
    {
        if (Value(name) is not { } text) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new UsageException($"--{name} must be a whole number from {least} on, but is '{text}'.");
    }

    /// <exception cref="UsageException">It is missing.</exception>
    public string Required(string name) => Value(name) ?? throw new UsageException($"--{name} is missing.");

    /// <summary>Flags for another program, given as one text.</summary>
    public string[] Words(string name) => [.. All(name).SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
