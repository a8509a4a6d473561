using StreamCore.Engines.Import.Weights;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Weights;

public sealed class BlockQuantizerTests
{
    [Theory]
    [InlineData(32)]
    [InlineData(128)]
    public void Four_bit_codes_leave_less_error_than_the_scale_of_the_largest_weight(int block)
    {
        var (squares, searched, plain) = (0.0, 0.0, 0.0);
        var weights = new float[block];
        var source = new NormalSource(3);
        for (var round = 0; round < 500; round++)
        {
            source.Fill(weights, 0, 1);
            var largest = weights.MaxBy(MathF.Abs);
            squares += weights.Sum(w => (double)w * w);
            searched += weights.Zip(Quantized4(weights), (w, q) => (double)(w - q) * (w - q)).Sum();
            plain += weights.Sum(w => Math.Pow(w - Math.Clamp(MathF.Round(w / (largest / -8)), -8, 7) * (largest / -8), 2));
        }
        Assert.InRange(Math.Sqrt(searched / plain), 0.80, 0.95);
        Assert.InRange(Math.Sqrt(searched / squares), 0.07, 0.10);
    }

    [Fact]
    public void Weights_that_are_codes_already_stay_exactly()
    {
        var weights = new float[32];
        for (var i = 0; i < weights.Length; i++) weights[i] = (i % 16 - 8) * 0.25f;
        Assert.Equal(weights, Quantized4(weights));
    }

    [Fact]
    public void A_block_of_zeros_stays_zero()
    {
        var codes = new byte[16];
        Assert.Equal(0, BlockQuantizer.Quantize4(new float[32], codes));
        Assert.All(codes, code => Assert.Equal(0x88, code));
        var wide = new sbyte[32];
        Assert.Equal(0, BlockQuantizer.Quantize8(new float[32], wide));
        Assert.All(wide, code => Assert.Equal(0, code));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(127)]
    [InlineData(896)]
    public void Eight_bit_codes_are_within_half_a_step(int length)
    {
        var weights = new float[length];
        new NormalSource(5).Fill(weights, 0, 1);
        var codes = new sbyte[length];
        var scale = BlockQuantizer.Quantize8(weights, codes);
        for (var i = 0; i < length; i++) Assert.InRange(Math.Abs(weights[i] - codes[i] * scale), 0, scale * 0.5001);
        Assert.Equal(127, codes.Max(code => Math.Abs((int)code)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_no_number_shows_in_the_scale(float value)
    {
        for (var place = 0; place < 37; place++)
        {
            var weights = Enumerable.Range(1, 64).Select(i => (float)i).ToArray();
            weights[place] = value;
            Assert.False(float.IsFinite(BlockQuantizer.Quantize4(weights, new byte[32])));
            Assert.False(float.IsFinite(BlockQuantizer.Quantize8(weights, new sbyte[64])));
        }
    }

    private static float[] Quantized4(float[] weights)
    {
        var codes = new byte[weights.Length / 2];
        var scale = BlockQuantizer.Quantize4(weights, codes);
        return [.. codes.SelectMany(code => new[] { ((code & 15) - 8) * scale, ((code >> 4) - 8) * scale })];
    }
}
