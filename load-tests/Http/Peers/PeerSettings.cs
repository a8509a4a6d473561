using System.Globalization;

namespace StreamCore.HttpBench.Peers;

/// <summary>Which peer to be, and what its token source does.</summary>
/// <param name="Peer"><c>streamcore</c>, <c>aspnet</c>, <c>pipe</c> or <c>socket</c>.</param>
/// <param name="Tokens">Tokens of one stream.</param>
/// <param name="Burst">Tokens that are ready together when they come at once.</param>
/// <param name="StepMilliseconds">Time between two steps of the source, each of which gives every open stream one token; 0 for all at once.</param>
internal sealed record PeerSettings(string Peer, int Tokens = 2000, int Burst = 1, int StepMilliseconds = 0)
{
    public string[] ToArguments() =>
        ["serve", Peer, "--tokens", Text(Tokens), "--burst", Text(Burst), "--step-ms", Text(StepMilliseconds)];

    public static PeerSettings Parse(string[] args)
    {
        var flags = args.Skip(2).Chunk(2).ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return new(args[1], flags["--tokens"], flags["--burst"], flags["--step-ms"]);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
