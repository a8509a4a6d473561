using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

/// <summary>What the engine makes of an imported model, against the plain reference and against itself.</summary>
public sealed class ImportedModelTests(ImportedModels models, ITestOutputHelper output) : IClassFixture<ImportedModels>
{
    public static TheoryData<string, WeightFormat> Cases
    {
        get
        {
            var cases = new TheoryData<string, WeightFormat>();
            foreach (var shape in TinyModel.Shapes.Keys)
                foreach (var format in Enum.GetValues<WeightFormat>())
                    cases.Add(shape, format);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Logits_are_those_of_the_reference_whole_in_chunks_and_in_company(string shape, WeightFormat format)
    {
        using var engine = models.Load(shape, format);
        var expected = models.Reference(shape, format);
        var sequences = ImportedModels.Sequences;

        var whole = new EngineDriver(engine).Run(sequences[0], 40);
        var chunked = new EngineDriver(engine).Run(sequences[0], 5, 1, 16, 11, 7);
        var mixed = Mixed(new EngineDriver(engine), sequences);

        double[] errors =
        [
            .. Errors(expected[0], whole), .. Errors(expected[0], chunked),
            .. sequences.SelectMany((_, i) => Errors(expected[i], mixed[i])),
        ];
        output.WriteLine($"{shape} {format}: rows differ by {errors.Min():E1} to {errors.Max():E1}, " +
            $"from the source's weights by {Errors(models.Exact(shape, sequences[0]), whole).Max():E1}");
        var (best, worst) = Tolerance(format);
        Assert.InRange(errors.Min(), 0, best);
        Assert.InRange(errors.Max(), 0, worst);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_row_is_bit_for_bit_the_same_alone_and_in_any_company(string shape, WeightFormat format)
    {
        foreach (var threads in (int[])[1, 2])
        {
            using var engine = models.Load(shape, format, threads);
            var sequences = ImportedModels.Sequences;
            // The same chunks as in company: chunks of other sizes need not give the same bits.
            var alone = new EngineDriver(engine);
            float[][][] expected =
            [
                alone.Run(sequences[0], 12, 1, 1, 1, 25), alone.Run(sequences[1], 4, 4, 1), alone.Run(sequences[2], 8, 1, 1, 7),
            ];
            Assert.Equal(expected, Mixed(new EngineDriver(engine), sequences));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_that_wants_no_logits_runs(string shape, WeightFormat format)
    {
        using var engine = models.Load(shape, format);
        var sequence = ImportedModels.Sequences[0];
        var expected = new EngineDriver(engine).Run(sequence, 20, 20);

        var driver = new EngineDriver(engine);
        driver.Step((sequence, 20, false));
        Assert.Equal(expected[20..], driver.Step((sequence, 20, true))[0]);
    }

    /// <summary>Decode rows, continued chunks and new prompts in every mixture, in changing order.</summary>
    private static float[][][] Mixed(EngineDriver driver, int[][] s)
    {
        var a = driver.Step((s[0], 12, true));
        var b = driver.Step((s[1], 4, true), (s[0], 1, true), (s[2], 8, true));
        var c = driver.Step((s[0], 1, true), (s[1], 4, true));
        var d = driver.Step((s[2], 1, true), (s[0], 1, true), (s[1], 1, true));
        var e = driver.Step((s[2], 1, true), (s[0], 25, true));
        var f = driver.Step((s[2], 7, true));
        return
        [
            [.. a[0], .. b[1], .. c[0], .. d[1], .. e[1]],
            [.. b[0], .. c[1], .. d[2]],
            [.. b[2], .. d[0], .. e[0], .. f[0]],
        ];
    }

    /// <summary>
    /// float32 differs by rounding alone. The others cut activations to 8 bits, so a sum that rounds the other way may make a value step to
    /// its next code. Rows to which that did not happen agree as well as float32's do, which proves the arithmetic; the few steps of the
    /// others weigh much in models as narrow as these (a step is 1/127 of the largest value of 64).
    /// </summary>
    private static (double Best, double Worst) Tolerance(WeightFormat format) =>
        format == WeightFormat.Float32 ? (1e-5, 1e-5) : (1e-5, 0.08);

    /// <summary>|difference| / |row| for each row.</summary>
    private static double[] Errors(double[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return [.. expected.Zip(actual, (e, a) => Math.Sqrt(e.Zip(a, (x, y) => (x - y) * (x - y)).Sum() / e.Sum(x => x * x)))];
    }
}
