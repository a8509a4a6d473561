using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Tests.Scenarios;

public sealed class DistributionTests
{
    private const int Draws = 20_000;

    [Theory]
    [InlineData("64", 64, 64)]
    [InlineData("uniform 32 256", 32, 256)]
    [InlineData("normal 100 30 max 150", 0, 150)]
    [InlineData("lognormal 120 0.8 max 400", 0, 400)]
    [InlineData("exponential 500 max 900", 0, 900)]
    [InlineData("oneof 16 64 256", 16, 256)]
    public void Amounts_keep_their_bounds(string text, int least, int most)
    {
        var distribution = Parse(text);
        Assert.Equal(most, distribution.Most);
        Assert.All(Drawn(distribution), amount => Assert.InRange(amount, least, most));
    }

    [Theory]
    [InlineData("uniform 0 100", 50)]
    [InlineData("normal 130 20", 130)]
    [InlineData("exponential 500", 500)]
    [InlineData("oneof 10 20 60", 30)]
    public void Amounts_have_the_mean_that_is_named(string text, double mean) =>
        Assert.InRange(Drawn(Parse(text)).Average(), mean * 0.97, mean * 1.03);

    [Fact]
    public void Half_of_a_lognormal_amount_lies_below_its_median() =>
        Assert.InRange(Drawn(Parse("lognormal 120 0.8")).Count(amount => amount < 120) / (double)Draws, 0.48, 0.52);

    [Fact]
    public void A_normal_amount_has_the_deviation_that_is_named() =>
        Assert.InRange(Drawn(Parse("normal 500 50")).Count(amount => amount is > 450 and < 550) / (double)Draws, 0.66, 0.71);

    [Fact]
    public void Both_ends_of_a_uniform_amount_are_drawn() =>
        Assert.Equal([3, 4, 5], Drawn(Parse("uniform 3 5")).Distinct().Order());

    [Theory]
    [InlineData("", "is not an amount")]
    [InlineData("many", "is not an amount")]
    [InlineData("uniform 3", "takes two numbers")]
    [InlineData("oneof", "takes one number or more")]
    [InlineData("normal 3 -1", "must be 0 or more")]
    [InlineData("uniform 5 3", "the lower end comes first")]
    public void A_fault_is_told(string text, string fault)
    {
        Assert.False(Distribution.TryParse(text, out _, out var told));
        Assert.Contains(fault, told, StringComparison.Ordinal);
    }

    private static Distribution Parse(string text) =>
        Distribution.TryParse(text, out var distribution, out var fault) ? distribution : throw new InvalidOperationException(fault);

    private static int[] Drawn(Distribution distribution)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Draws).Select(_ => distribution.Draw(random))];
    }
}
