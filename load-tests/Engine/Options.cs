using System.Globalization;

namespace StreamCore.EngineBench;

/// <summary>What to measure, from the command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        dotnet run --project load-tests/Engine -c Release -- --models FOLDER[,FOLDER] [--llama NAME=BATCHED-BENCH:FILE.gguf[:FLAGS],...]
            [--batches 1,8,16,32] [--context 256] [--tokens 16] [--prefill 512] [--rounds 3] [--threads 2] [--spin]
        dotnet run --project load-tests/Engine -c Release -- --models FOLDER --host-work 32 [--tokens 16] [--rounds 3]
        """;

    /// <summary>Folders that the importer made.</summary>
    public required string[] Models { get; init; }

    /// <summary>Peers: a name, the path of llama.cpp's llama-batched-bench, a model file, and flags to add.</summary>
    public required (string Name, string Program, string File, string Flags)[] Peers { get; init; }

    /// <summary>Sequences that decode together.</summary>
    public required int[] Batches { get; init; }

    /// <summary>Tokens in a sequence's cache when measuring begins.</summary>
    public required int Context { get; init; }

    /// <summary>Decode steps measured.</summary>
    public required int Tokens { get; init; }

    /// <summary>Tokens of the prompt that is measured.</summary>
    public required int Prefill { get; init; }

    public required int Rounds { get; init; }

    public required int Threads { get; init; }

    public required bool Spin { get; init; }

    /// <summary>Sequences to measure the step loop's own work with, instead of all else; 0 for none.</summary>
    public required int HostWork { get; init; }

    /// <exception cref="FormatException">A flag is missing or is not what it must be; the message says which.</exception>
    public static Options Parse(string[] args)
    {
        var flags = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--spin") flags["spin"] = "";
            else if (args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length) flags[args[i][2..]] = args[++i];
            else throw new FormatException($"'{args[i]}' is not a flag with a value.");
        }

        string Text(string name, string fallback) => flags.GetValueOrDefault(name, fallback);
        int Number(string name, int fallback) =>
            int.TryParse(Text(name, fallback.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture, out var value) && value > 0
                ? value : throw new FormatException($"--{name} must be a number above 0.");
        return new Options
        {
            Models = Text("models", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Peers = [.. Text("llama", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Peer)],
            Batches = [.. Text("batches", "1,8,16,32").Split(',').Select(b => int.Parse(b, CultureInfo.InvariantCulture))],
            Context = Number("context", 256),
            Tokens = Number("tokens", 16),
            Prefill = Number("prefill", 512),
            Rounds = Number("rounds", 3),
            Threads = Number("threads", Environment.ProcessorCount),
            HostWork = flags.ContainsKey("host-work") ? Number("host-work", 0) : 0,
            Spin = flags.ContainsKey("spin"),
        };
    }

    private static (string Name, string Program, string File, string Flags) Peer(string text)
    {
        var name = text.Split('=', 2);
        var parts = name.Length == 2 ? name[1].Split(':') : [];
        return parts.Length is 2 or 3
            ? (name[0], parts[0], parts[1], parts.Length == 3 ? parts[2] : "")
            : throw new FormatException("--llama wants NAME=PROGRAM:FILE or NAME=PROGRAM:FILE:FLAGS.");
    }
}
