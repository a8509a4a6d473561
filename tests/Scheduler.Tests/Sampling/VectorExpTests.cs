using System.Numerics;
using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public class VectorExpTests
{
    [Fact]
    public void It_is_within_three_units_in_the_last_place_of_all_normal_numbers()
    {
        for (var i = 0; i < 2_000_000; i++)
        {
            var x = -126f * i / 2_000_000;
            var exact = Math.Pow(2, x);
            Assert.InRange(VectorExp.TwoTo(new Vector<float>(x))[0], exact - 3 * Unit(exact), exact + 3 * Unit(exact));
        }
    }

    [Fact]
    public void Below_them_it_falls_to_nothing()
    {
        for (var i = 0; i < 1000; i++)
            Assert.InRange(VectorExp.TwoTo(new Vector<float>(-126 - i / 1000f))[0], 0, MathF.Pow(2, -126));
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-1f, 0.5f)]
    [InlineData(-127f, 0f)]
    [InlineData(-1000f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void Its_ends_are_exact(float x, float wanted) => Assert.Equal(wanted, VectorExp.TwoTo(new Vector<float>(x))[0]);

    [Fact]
    public void Lanes_do_not_touch_each_other()
    {
        var values = Enumerable.Range(0, Vector<float>.Count).Select(i => -3.7f * i).ToArray();
        var all = VectorExp.TwoTo(new Vector<float>(values));
        for (var i = 0; i < values.Length; i++) Assert.Equal(VectorExp.TwoTo(new Vector<float>(values[i]))[0], all[i]);
    }

    private static double Unit(double value) => MathF.BitIncrement((float)value) - (double)(float)value;
}
