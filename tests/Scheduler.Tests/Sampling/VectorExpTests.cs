using System.Numerics;
using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public class VectorExpTests
{
    [Fact]
    public void It_is_within_two_units_in_the_last_place_over_the_whole_range()
    {
        for (var i = 0; i < 2_000_000; i++)
        {
            var x = -87.3f * i / 2_000_000;
            var exact = Math.Exp(x);
            Assert.InRange(VectorExp.OfNegative(new Vector<float>(x))[0], exact - 2 * Unit(exact), exact + 2 * Unit(exact));
        }
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-87.4f, 0f)]
    [InlineData(-1000f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void Its_ends_are_exact(float x, float wanted) => Assert.Equal(wanted, VectorExp.OfNegative(new Vector<float>(x))[0]);

    [Fact]
    public void Lanes_do_not_touch_each_other()
    {
        var values = Enumerable.Range(0, Vector<float>.Count).Select(i => -3.7f * i).ToArray();
        var all = VectorExp.OfNegative(new Vector<float>(values));
        for (var i = 0; i < values.Length; i++) Assert.Equal(VectorExp.OfNegative(new Vector<float>(values[i]))[0], all[i]);
    }

    private static double Unit(double value) => MathF.BitIncrement((float)value) - (double)(float)value;
}
