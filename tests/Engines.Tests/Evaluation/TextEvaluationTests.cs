using StreamCore.Engines.Evaluation;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Import;
using StreamCore.Scheduler;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.Evaluation;

/// <summary>What models are given to read, which tokens count, and what comes out for real ones.</summary>
public sealed class TextEvaluationTests(ImportedModels models) : IClassFixture<ImportedModels>
{
    private const string Shape = "qwen2, tied, bf16";

    private static readonly int[] Text = [.. Enumerable.Range(1, 120).Select(i => i * i % 300)];

    /// <summary>Of 0 1 2 0 1 0 2 the last three count: foretold by the tokens before them, whatever the steps.</summary>
    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 64)]
    [InlineData(64, 2)]
    [InlineData(3, 3)]
    [InlineData(64, 64)]
    public void The_second_half_of_a_window_counts_in_steps_of_any_size(int tokens, int rows)
    {
        using var reference = new ScriptedEngine(vocabularySize: 3, maxStepTokens: tokens, maxStepLogits: rows);
        using var own = new ScriptedEngine(vocabularySize: 3, maxStepTokens: tokens, maxStepLogits: rows);
        reference.Rewrite = (sequence, logits) =>
        {
            for (var token = 0; token < 3; token++) logits[token] = MathF.Log(token == (sequence[^1] + 1) % 3 ? 0.5f : 0.25f);
        };
        own.Rewrite = (_, logits) => logits.AsSpan().Clear();
        var evaluation = new TextEvaluation([reference, own]);
        evaluation.Read([0, 1, 2, 0, 1, 0, 2]);

        var figures = evaluation.Figures();
        Assert.All(figures, one => Assert.Equal(3, one.TokenCount));
        Assert.Equal(Math.Cbrt(32), figures[0].Perplexity, 6); // 1/2, 1/4, 1/4
        Assert.Equal(3, figures[1].Perplexity, 6);
        Assert.Equal(0.5 * Math.Log(1.5) + 0.5 * Math.Log(0.75), figures[1].MeanDivergence, 6);
        Assert.Empty(reference.Violations.Concat(own.Violations));

        evaluation.Read([0, 1, 2]);
        Assert.Equal(4, evaluation.Figures()[0].TokenCount);
        Assert.Equal(Math.Pow(64, 0.25), evaluation.Figures()[0].Perplexity, 6); // and 1/2
    }

    [Fact]
    public void Logits_that_are_no_distribution_are_a_fault()
    {
        using var engine = new ScriptedEngine(vocabularySize: 3);
        engine.Rewrite = (_, logits) => logits[1] = float.NaN;
        Assert.Throws<EngineException>(() => new TextEvaluation([engine]).Read([0, 1, 2, 0]));
    }

    [Fact]
    public void A_model_is_its_own_equal_and_its_perplexity_is_that_of_its_weights()
    {
        using var one = models.Load(Shape, WeightFormat.Float32);
        using var another = models.Load(Shape, WeightFormat.Float32, threads: 1);
        var evaluation = new TextEvaluation([one, another]);
        evaluation.Read(Text);
        var figures = evaluation.Figures();
        Assert.Equal(figures[0], figures[1]);
        Assert.Equal((59, 1, 0, 0, 1, 0), (figures[1].TokenCount, figures[1].PerplexityRatio, figures[1].MeanDivergence,
            figures[1].Divergence99, figures[1].TopAgreement, figures[1].LargestDifference));

        var rows = models.Exact(Shape, Text);
        var surprise = Enumerable.Range(60, 59).Average(i => Math.Log(rows[i].Sum(Math.Exp)) - rows[i][Text[i + 1]]);
        Assert.Equal(Math.Exp(surprise), figures[0].Perplexity, figures[0].Perplexity * 1e-4);
    }

    [Fact]
    public void Coarser_weights_are_farther_from_the_reference()
    {
        WeightFormat[] formats = [WeightFormat.Float32, WeightFormat.Int8Block32, WeightFormat.Int4Whole];
        var engines = formats.Select(format => models.Load(Shape, format)).ToArray();
        var evaluation = new TextEvaluation(engines);
        evaluation.Read(Text);
        evaluation.Read([.. Text.Reverse()]);
        var (int8, int4) = (evaluation.Figures()[1], evaluation.Figures()[2]);
        foreach (var engine in engines) engine.Dispose();

        Assert.InRange(int8.MeanDivergence, 1e-8, 0.01);
        Assert.InRange(int4.MeanDivergence, int8.MeanDivergence * 5, 1);
        Assert.InRange(int8.TopAgreement, int4.TopAgreement, 1);
        Assert.True(int4.TopAgreement < 1);
    }
}
