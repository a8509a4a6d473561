using System.Text.Json;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import;

/// <summary>Expected numbers were worked out apart from this code, from the formulas of Hugging Face transformers.</summary>
public sealed class RopeFrequenciesTests
{
    private static readonly double[] Llama3 =
        [1, 0.193922745, 0.0376060309, 0.00729266474, 0.000429556797, 8.57025549e-06, 1.66196747e-06, 3.22293293e-07];

    private static readonly double[] Yarn =
        [1, 0.177827941, 0.0316227766, 0.00421755994, 0.0005, 4.44569853e-05, 7.90569415e-06, 1.40585331e-06];

    [Theory]
    [InlineData("{}", 10_000)]
    [InlineData("""{"rope_theta":500000.0}""", 500_000)]
    [InlineData("""{"rope_theta":1000000,"rope_scaling":null}""", 1_000_000)]
    [InlineData("""{"rope_parameters":{"rope_type":"default","rope_theta":1000000}}""", 1_000_000)]
    public void Plain_frequencies_are_powers_of_theta(string json, double theta)
    {
        var rope = Read(json, headSize: 8, context: 4096);
        AssertClose([1, Math.Pow(theta, -0.25), Math.Pow(theta, -0.5), Math.Pow(theta, -0.75)], rope.Inverse);
        Assert.Equal((1f, 4096), (rope.AttentionScale, rope.MaxContextTokens));
    }

    [Fact]
    public void Linear_scaling_divides_all()
    {
        var rope = Read("""{"rope_scaling":{"type":"linear","factor":4.0}}""", headSize: 4, context: 4096);
        AssertClose([0.25, 0.0025], rope.Inverse);
    }

    [Fact]
    public void Llama3_scaling_stretches_long_waves_only()
    {
        var rope = Read(
            """
            {"rope_theta":500000.0,"rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192}}
            """, headSize: 16, context: 131_072);
        AssertClose(Llama3, rope.Inverse);
        Assert.Equal((1f, 131_072), (rope.AttentionScale, rope.MaxContextTokens));
    }

    [Fact]
    public void Yarn_scaling_stretches_the_context_and_sharpens_attention()
    {
        var rope = Read(
            """{"rope_theta":1000000.0,"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":32768}}""",
            headSize: 16, context: 32_768);
        AssertClose(Yarn, rope.Inverse);
        Assert.Equal(1.138629436, rope.AttentionScale, 1e-6);
        Assert.Equal(131_072, rope.MaxContextTokens);
    }

    [Theory]
    [InlineData("dynamic")]
    [InlineData("longrope")]
    public void Other_scalings_are_refused_by_name(string type)
    {
        var fault = Assert.Throws<ModelFolderException>(
            () => Read($$$"""{"rope_scaling":{"rope_type":"{{{type}}}","factor":2}}""", 8, 4096));
        Assert.Equal($"'f': rope_scaling type is {type}, which cannot be imported; known ones: default, linear, llama3, yarn.", fault.Message);
    }

    [Fact]
    public void A_scaling_without_its_factor_is_refused()
    {
        var fault = Assert.Throws<ModelFolderException>(() => Read("""{"rope_scaling":{"type":"linear"}}""", 8, 4096));
        Assert.Equal("'f' has no rope_scaling.factor.", fault.Message);
    }

    private static RopeFrequencies Read(string json, int headSize, int context) =>
        RopeFrequencies.Read(new ConfigReader("f", JsonDocument.Parse(json).RootElement), headSize, context);

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual)) Assert.Equal(1, a / e, 1e-6);
    }
}
