using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public sealed class PhiloxTests
{
    /// <summary>Known answers of the authors' library, Random123 (tests/kat_vectors, philox4x32 10).</summary>
    [Fact]
    public void Blocks_are_those_of_the_reference()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block((0, 0, 0, 0), (0, 0)));
        const uint all = uint.MaxValue;
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Block((all, all, all, all), (all, all)));
        Assert.Equal(
            (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            Philox.Block((0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), (0xa4093822, 0x299f31d0)));
    }

    [Fact]
    public void Numbers_lie_between_0_and_1_and_fill_it_evenly()
    {
        var counts = new int[10];
        for (uint position = 0; position < 100_000; position++)
        {
            var number = Philox.Uniform(7, 0, position);
            Assert.InRange(number, 0, 1 - double.Epsilon);
            counts[(int)(number * 10)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Seed_choice_and_position_each_matter()
    {
        var numbers = new[] { Philox.Uniform(1, 0, 0), Philox.Uniform(2, 0, 0), Philox.Uniform(1UL << 32, 0, 0), Philox.Uniform(1, 1, 0), Philox.Uniform(1, 0, 1) };
        Assert.Equal(5, numbers.Distinct().Count());
    }
}
