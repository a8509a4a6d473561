using StreamCore.Engines.Onnx.Linear;
using StreamCore.Engines.Tests.Reference;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class LinearTests
{
    /// <summary>Outputs and inputs, whole panels and blocks and others; bits; bias or none.</summary>
    public static TheoryData<int, int, int, bool> Layers
    {
        get
        {
            var layers = new TheoryData<int, int, int, bool>();
            foreach (var (outputs, inputs) in ((int, int)[])
                [(16, 32), (48, 96), (1, 32), (15, 33), (17, 63), (40, 64), (32, 47), (50, 160), (31, 257), (7, 300), (80, 288)])
                foreach (var bits in (int[])[4, 8])
                    layers.Add(outputs, inputs, bits, outputs % 2 == 0);
            layers.Add(48, 96, 4, false);
            layers.Add(48, 96, 8, false);
            return layers;
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Every_width_agrees_with_plain_arithmetic_for_any_number_of_rows(int outputs, int inputs, int bits, bool hasBias)
    {
        using var layer = LinearCase.Random(outputs, inputs, bits, hasBias);
        var rows = layer.Rows(0, 20);
        var expected = rows.Select(layer.Expected).ToArray();
        foreach (var width in LinearCase.Widths)
            for (var count = 1; count <= rows.Length; count++)
            {
                var actual = layer.Run(rows[..count], width);
                for (var row = 0; row < count; row++)
                    for (var output = 0; output < outputs; output++)
                        Assert.InRange(Math.Abs(actual[row][output] - expected[row][output].Value), 0, expected[row][output].Tolerance);
            }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_row_is_bit_for_bit_the_same_at_every_width_in_any_company_and_on_any_threads(int outputs, int inputs, int bits, bool hasBias)
    {
        using var layer = LinearCase.Random(outputs, inputs, bits, hasBias);
        // More rows than are computed before the next ones.
        var rows = layer.Rows(0, 150);
        var alone = rows.Select(row => layer.Run([row], 4)[0]).ToArray();
        foreach (var width in LinearCase.Widths)
        {
            for (var count = 1; count <= 20; count++) AssertSame(alone[..count], layer.Run(rows[..count], width));
            foreach (var workers in (int[])[1, 2, 3, 7]) AssertSame(alone, layer.Run(rows, width, workers));
            AssertSame([.. alone.Reverse()], layer.Run([.. rows.Reverse()], width, workers: 2));
        }
    }

    [Theory]
    [InlineData(48, 96, 4)]
    [InlineData(31, 257, 4)]
    [InlineData(40, 70, 8)]
    public void A_gate_multiplies_by_its_silu_bit_for_bit_the_same_at_every_width(int outputs, int inputs, int bits)
    {
        using var layer = LinearCase.Random(outputs, inputs, bits, hasBias: true);
        using var gate = LinearCase.Random(outputs, inputs, bits, hasBias: true, seed: 1);
        var rows = layer.Rows(0, 20);
        var (values, gates) = (layer.Run(rows, 4), gate.Run(rows, 4));
        var alone = rows.Select(row => layer.Run([row], 4, gate: gate)[0]).ToArray();
        for (var row = 0; row < rows.Length; row++)
            for (var output = 0; output < outputs; output++)
            {
                var expected = values[row][output] * (double)gates[row][output] / (1 + Math.Exp(-(double)gates[row][output]));
                Assert.Equal(expected, alone[row][output], Math.Abs(expected) * 1e-5 + 1e-30);
            }
        foreach (var width in LinearCase.Widths)
            foreach (var workers in (int[])[1, 3])
                AssertSame(alone, layer.Run(rows, width, workers, gate));
    }

    /// <summary>A gate far below zero shuts, one far above lets all through; e to the power of either is no number any more.</summary>
    [Fact]
    public void A_gate_far_from_zero_is_shut_or_open()
    {
        var weights = new PanelWeights(16, 32, 4);
        for (var output = 0; output < 16; output++)
        {
            weights.SetCode(output, 0, output % 2 == 0 ? 7 : -7);
            weights.SetScale(output, 0, Half.One);
        }
        using var layer = new LinearCase(weights);
        var row = new float[32];
        row[0] = 127;
        foreach (var width in LinearCase.Widths)
            Assert.Equal(
                Enumerable.Range(0, 16).Select(output => output % 2 == 0 ? 889f * 889 : 0), layer.Run([row], width, gate: layer)[0].Select(MathF.Abs));
    }

    /// <summary>Activations and weights that are all as large as they can be, in the patterns of signs that put most into one partial sum.</summary>
    [Theory]
    [InlineData(4, -8)]
    [InlineData(4, 7)]
    [InlineData(8, -128)]
    [InlineData(8, -127)]
    [InlineData(8, 127)]
    public void The_largest_codes_overflow_nothing(int bits, int code)
    {
        const int outputs = 32, inputs = 96;
        var other = -1 - code; // the other end of the range, or next to it
        Func<int, bool>[] patterns = [_ => true, _ => false, i => i % 2 == 0, i => i % 4 < 2, i => i % 8 < 4, i => i % 32 < 16];
        foreach (var weightPattern in patterns)
        {
            var weights = new PanelWeights(outputs, inputs, bits);
            for (var output = 0; output < outputs; output++)
                for (var input = 0; input < inputs; input++)
                {
                    weights.SetCode(output, input, weightPattern(input) ? code : other);
                    weights.SetScale(output, input, Half.One);
                }
            using var layer = new LinearCase(weights);
            // The largest is 127, so that the scale is 1 and the result the whole sum itself.
            float[][] rows = [.. patterns.Select(pattern => Enumerable.Range(0, inputs).Select(i => pattern(i) ? 127f : -127f).ToArray())];
            foreach (var width in LinearCase.Widths)
                foreach (var (row, actual) in rows.Zip(layer.Run(rows, width)))
                {
                    var sum = Enumerable.Range(0, inputs).Sum(i => (int)row[i] * (weightPattern(i) ? code : other));
                    Assert.All(actual, value => Assert.Equal(sum, value));
                }
        }
    }

    [Fact]
    public void Every_float16_is_an_exact_scale()
    {
        Half[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite)];
        Assert.Contains(Half.Epsilon, halves);
        foreach (var bits in (int[])[4, 8])
        {
            var weights = new PanelWeights(halves.Length, 32, bits);
            for (var output = 0; output < halves.Length; output++)
            {
                for (var input = 0; input < 32; input++) weights.SetCode(output, input, input == 5 ? 1 : 0);
                weights.SetScale(output, 0, halves[output]);
            }
            using var layer = new LinearCase(weights);
            var row = new float[32];
            row[5] = 127;
            foreach (var width in LinearCase.Widths)
                Assert.Equal(Array.ConvertAll(halves, half => 127 * (float)half), layer.Run([row], width)[0]);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void Rows_of_zeros_and_of_next_to_nothing_give_the_bias(int bits)
    {
        using var layer = LinearCase.Random(40, 70, bits, hasBias: true);
        foreach (var width in LinearCase.Widths)
        {
            var rows = layer.Run([new float[70], [.. Enumerable.Repeat(1e-40f, 70)], [.. Enumerable.Repeat(float.Epsilon, 70)], layer.Rows(1, 1)[0]], width);
            var bias = layer.Expected(new float[70]).Select(expected => (float)expected.Value).ToArray();
            AssertSame([bias, bias, bias], rows[..3]);
            Assert.NotEqual(bias, rows[3]);
        }
    }

    [Fact]
    public void No_rows_are_no_work()
    {
        using var layer = LinearCase.Random(40, 64, 4);
        Assert.Empty(layer.Run([], LinearKernel.BestWidth, workers: 2));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void What_is_no_finite_number_spoils_its_own_row_and_no_other(int bits)
    {
        using var layer = LinearCase.Random(40, 70, bits);
        var clean = layer.Rows(0, 12);
        foreach (var poison in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
            foreach (var place in (int[])[0, 31, 40, 69])
                foreach (var width in LinearCase.Widths)
                {
                    var expected = layer.Run(clean, width);
                    var rows = clean.Select(row => row.ToArray()).ToArray();
                    rows[5][place] = poison;
                    var actual = layer.Run(rows, width, workers: 2);
                    Assert.All(actual[5], value => Assert.False(float.IsFinite(value)));
                    AssertSame([.. expected[..5], .. expected[6..]], [.. actual[..5], .. actual[6..]]);
                }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void A_row_of_the_embedding_is_codes_times_scales(int bits)
    {
        foreach (var inputs in (int[])[32, 64, 70, 95])
        {
            using var table = LinearCase.Random(37, inputs, bits);
            long[] ids = [.. Enumerable.Range(0, 37).Select(i => (long)i), 36, 0, 17, 17];
            var rows = table.Embed(ids);
            for (var i = 0; i < ids.Length; i++) Assert.Equal(table.TableRow((int)ids[i]), rows[i]);
            Assert.Throws<InvalidOperationException>(() => table.Embed(37));
            Assert.Throws<InvalidOperationException>(() => table.Embed(-1));
            Assert.Throws<InvalidOperationException>(() => table.Embed(1L << 32));
        }
    }

    private static void AssertSame(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var row = 0; row < expected.Length; row++)
            Assert.True(Bits(expected[row]).SequenceEqual(Bits(actual[row])), $"row {row} of {expected.Length}");
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);
}
