using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Fuzz;

/// <summary>
/// Whatever comes, no reader throws, and cutting it anywhere changes nothing. A fixed number of inputs by default, always
/// the same; <c>STREAMCORE_FUZZ_SECONDS=600</c> tries new ones for so long, for each target, and <c>STREAMCORE_FUZZ_SEED=…</c>
/// begins at the input that a failure names.
/// </summary>
public sealed class FuzzTests
{
    private const int MaxCuts = 8;

    public static TheoryData<string, string> Files => new(CorpusFile.All.Select(static file => (file.Folder, file.Name)));

    public static TheoryData<string> Targets => new(FuzzTarget.All.Select(static target => target.Name));

    [Theory, MemberData(nameof(Targets))]
    public void No_input_makes_a_reader_throw_or_notice_how_it_arrived(string name)
    {
        var target = FuzzTarget.All.Single(target => target.Name == name);
        var seconds = Setting("STREAMCORE_FUZZ_SECONDS");
        var seed = Setting("STREAMCORE_FUZZ_SEED") ?? (seconds is null ? 0 : RandomNumberGenerator.GetInt32(int.MaxValue / 2));
        var start = Stopwatch.GetTimestamp();
        var tried = 0;
        while (seconds is null ? tried < target.InputCount : Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            TryOne(target, unchecked(seed + tried));
            tried++;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} inputs from seed {seed}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
    }

    [Theory, MemberData(nameof(Files))]
    public void A_kept_input_comes_to_what_its_name_says_however_it_arrives(string folder, string name)
    {
        var target = FuzzTarget.All.Single(target => target.Name == folder);
        var file = CorpusFile.All.Single(file => (file.Folder, file.Name) == (folder, name));
        var read = target.Read([file.Bytes], false);
        Assert.Equal(file.Outcome, Enum.GetNames<HttpRejection>().Where(read.EndsWith).MaxBy(static rejection => rejection.Length) ?? "Read");
        foreach (var pieces in ByteSplits.Of(file.Bytes)) Assert.Equal(read, target.Read(pieces, false));
    }

    private static void TryOne(FuzzTarget target, int seed)
    {
        var random = new Random(seed);
        var input = new Mutator(target.Corpus, random).Next();
        var tight = random.Next(2) == 0;
        var pieces = Cut(input, random);
        try
        {
            Assert.Equal(target.Read([input], tight), target.Read(pieces, tight));
        }
        catch (Exception fault)
        {
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"""
                {target.Name}, STREAMCORE_FUZZ_SEED={seed}, {(tight ? "tight" : "wide")} limits.
                Input: {Shown(input)}
                Cut: {string.Join(" | ", pieces.Select(Shown))}
                {fault}
                """));
        }
    }

    /// <summary>At a few random places, or now and then everywhere.</summary>
    private static byte[][] Cut(byte[] input, Random random)
    {
        if (random.Next(16) == 0) return [.. input.Select(static b => new[] { b })];
        int[] cuts = [0, .. Enumerable.Range(0, random.Next(1, MaxCuts + 1)).Select(_ => random.Next(input.Length + 1)).Order(), input.Length];
        return [.. cuts.Zip(cuts.Skip(1), (from, to) => input[from..to])];
    }

    private static string Shown(byte[] bytes) => string.Concat(Encoding.Latin1.GetString(bytes).Select(static c => c switch
    {
        '\r' => "\\r",
        '\n' => "\\n",
        '\\' => "\\\\",
        < ' ' or > '~' => $"\\x{(int)c:x2}",
        _ => c.ToString(),
    }));

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
