using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamCore.LoadTests.Scenarios;

/// <summary>
/// An amount drawn by chance: <c>64</c>, <c>uniform 32 256</c>, <c>normal 130 20</c> (mean, deviation), <c>lognormal 120 0.8</c> (median,
/// sigma), <c>exponential 500</c> (mean) or <c>oneof 16 64 256</c>; each may end in <c>max 2000</c>. Never negative.
/// </summary>
internal sealed class Distribution
{
    /// <summary>The kinds, and how many numbers each takes; 0 stands for any number of them.</summary>
    private static readonly Dictionary<string, int> Kinds = new(StringComparer.Ordinal)
    {
        ["fixed"] = 1,
        ["uniform"] = 2,
        ["normal"] = 2,
        ["lognormal"] = 2,
        ["exponential"] = 1,
        ["oneof"] = 0,
    };

    private readonly string _text;
    private readonly string _kind;
    private readonly double[] _numbers;
    private readonly double _max;

    private Distribution(string text, string kind, double[] numbers, double max) =>
        (_text, _kind, _numbers, _max) = (text, kind, numbers, max);

    /// <summary>The most that can be drawn: infinite where the kind has no end and none is given.</summary>
    public double Most => Math.Min(_max, _kind switch
    {
        "fixed" => _numbers[0],
        "uniform" => _numbers[1],
        "oneof" => _numbers.Max(),
        _ => double.PositiveInfinity,
    });

    public static Distribution Fixed(int amount) =>
        new(amount.ToString(CultureInfo.InvariantCulture), "fixed", [amount], double.PositiveInfinity);

    public static bool TryParse(string text, [NotNullWhen(true)] out Distribution? distribution, [NotNullWhen(false)] out string? fault)
    {
        (distribution, fault) = (null, null);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var max = double.PositiveInfinity;
        if (words is [.. var before, "max", var last] && TryNumber(last, out max)) words = before;
        if (words is [var single] && TryNumber(single, out _)) words = ["fixed", single];
        var numbers = new double[Math.Max(0, words.Length - 1)];
        if (words.Length == 0 || !Kinds.TryGetValue(words[0], out var wanted))
            fault = $"'{text}' is not an amount: write a number, or one of {string.Join(", ", Kinds.Keys)} with its numbers.";
        else if (wanted == 0 ? numbers.Length == 0 : numbers.Length != wanted)
            fault = $"'{text}': {words[0]} takes {(wanted == 0 ? "one number or more" : wanted == 1 ? "one number" : "two numbers")}.";
        else if (!Enumerable.Range(0, numbers.Length).All(i => TryNumber(words[i + 1], out numbers[i])))
            fault = $"'{text}': every number must be 0 or more.";
        else if (words[0] == "uniform" && numbers[0] > numbers[1])
            fault = $"'{text}': the lower end comes first.";
        else
            distribution = new Distribution(text, words[0], numbers, max);
        return fault is null;
    }

    public int Draw(Random random) => (int)Math.Round(Math.Clamp(_kind switch
    {
        "fixed" => _numbers[0],
        "uniform" => random.NextInt64((long)_numbers[0], (long)_numbers[1] + 1),
        "normal" => _numbers[0] + (_numbers[1] * Normal(random)),
        "lognormal" => _numbers[0] * Math.Exp(_numbers[1] * Normal(random)),
        "exponential" => -_numbers[0] * Math.Log(1 - random.NextDouble()),
        _ => _numbers[random.Next(_numbers.Length)],
    }, 0, Math.Min(_max, int.MaxValue)));

    public override string ToString() => _text;

    /// <summary>Box and Muller's way from two even numbers to a normal one.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
