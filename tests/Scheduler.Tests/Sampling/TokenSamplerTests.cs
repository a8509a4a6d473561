using StreamCore.Scheduler.Sampling;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sampling;

public sealed class TokenSamplerTests
{
    public static TheoryData<int, float, int, float, float> TopK => new()
    {
        { 7, 1f, 3, 1f, 0f },
        { 5000, 1f, 40, 1f, 0f },
        { 5000, 1f, 1, 1f, 0f },
        { 5000, 0.5f, 3000, 1f, 0f },
        { 5000, 2f, 4000, 0.9f, 0.01f },
        { 5000, 2f, 4999, 1f, 0f },
        { 5000, 1.3f, 50, 0.8f, 0.05f },
        { 5000, 1f, 9, 1f, 0f },
        { 5000, 1.3f, 10, 1f, 0f },
        { 151_936, 1f, 20, 0.8f, 0f },
        { 151_936, 1f, 290, 1f, 0f },
        { 151_936, 1f, 300, 1f, 0f },
    };

    public static TheoryData<int, float, int, float, float> NoTopK => new()
    {
        { 1, 1f, 0, 1f, 0f },
        { 7, 1f, 0, 1f, 0f },
        { 7, 1f, 7, 0.9f, 0f },
        { 512, 1f, 0, 1f, 0f },
        { 513, 1f, 0, 0.5f, 0.1f },
        { 1300, 0.1f, 0, 1f, 0f },
        { 1300, 1f, 0, 1f, 0f },
        { 1300, 2f, 9000, 1f, 0f },
        { 1300, 1f, 0, 0.9f, 0f },
        { 1300, 2f, 0, 0.999f, 0f },
        { 1300, 1f, 0, 0.01f, 0f },
        { 1300, 1f, 0, 0f, 0f },
        { 1300, 1f, 0, 1f, 0.1f },
        { 1300, 1f, 0, 1f, 0.00001f },
        { 1300, 1f, 0, 1f, 1f },
        { 1300, 1.3f, 0, 0.95f, 0.05f },
    };

    /// <summary>Draws at many positions: each must be the token that the number drawn falls on, be the tokens that stay laid out by
    /// size or by id.</summary>
    [Theory]
    [MemberData(nameof(TopK))]
    public void Under_a_top_k_what_is_drawn_is_what_a_full_sort_keeps(int vocabulary, float temperature, int topK, float topP, float minP)
    {
        foreach (var logits in vocabulary > 100_000 ? Rows(vocabulary)[..2] : Rows(vocabulary))
        {
            var settings = new DrawSettings(temperature, topK, topP, minP, Seed: 42, Choice: 0);
            var kept = PlainSampler.Kept(logits, settings);
            var keptById = kept.OrderBy(token => token.Id).ToList();
            var ids = kept.Select(token => token.Id).ToHashSet();
            var sampler = new TokenSampler(vocabulary);
            for (var position = 0; position < (vocabulary > 100_000 ? 20 : 200); position++)
            {
                Assert.True(sampler.TryDraw(logits, settings, position, out var token));
                var uniform = Philox.Uniform(42, 0, (uint)position);
                if (Expected(kept, uniform) is { } bySize && Expected(keptById, uniform) is { } byId)
                    Assert.True(token == bySize || token == byId, $"{token} is neither {bySize} nor {byId}");
                else Assert.True(ids.Contains(token) || topP < 1); // at an edge of top_p rounding decides
            }
        }
    }

    /// <summary>Nothing is drawn that a full sort does not keep, and the most probable token and each run of ids as often as they weigh.</summary>
    [Theory]
    [MemberData(nameof(NoTopK))]
    public void Without_a_top_k_all_that_stay_are_drawn_by_their_weights(int vocabulary, float temperature, int topK, float topP, float minP)
    {
        const int Draws = 5000, Runs = 10;
        var settings = new DrawSettings(temperature, topK, topP, minP, Seed: 42, Choice: 0);
        foreach (var logits in Rows(vocabulary))
        {
            var sampler = new TokenSampler(vocabulary);
            var counts = new int[vocabulary];
            for (var position = 0; position < Draws; position++)
            {
                Assert.True(sampler.TryDraw(logits, settings, position, out var token));
                counts[token]++;
            }

            var shares = new double[vocabulary];
            foreach (var (id, weight) in PlainSampler.Kept(logits, settings)) shares[id] = weight;
            // At an edge rounding decides.
            var atMost = settings with { TopP = topP < 1 ? topP + 1e-6f : 1, MinP = minP * (1 - 1e-6f) };
            var ids = PlainSampler.Kept(logits, atMost).Select(token => token.Id).ToHashSet();
            for (var id = 0; id < vocabulary; id++) Assert.True(counts[id] == 0 || ids.Contains(id));
            var largest = Array.IndexOf(shares, shares.Max());
            AssertLikely(counts[largest], shares[largest]);
            foreach (var run in Enumerable.Range(0, vocabulary).Chunk((vocabulary + Runs - 1) / Runs))
                AssertLikely(run.Sum(id => counts[id]), run.Sum(id => shares[id]));
        }

        // Five standard deviations, and a few more where few are expected at all.
        static void AssertLikely(int count, double share)
        {
            var margin = 5 * Math.Sqrt(Draws * Math.Max(0, share * (1 - share))) + 4;
            Assert.InRange(count, Draws * share - margin, Draws * share + margin);
        }
    }

    [Fact]
    public void Draws_follow_the_weights()
    {
        float[] logits = [0, MathF.Log(2), MathF.Log(3), float.NegativeInfinity, MathF.Log(4)];
        foreach (var settings in new DrawSettings[] { new(1, 0, 1, 0, 5, 0), new(1, 4, 1, 0, 5, 0), new(1, 0, 1, 0.01f, 5, 0) })
        {
            var counts = new int[5];
            var sampler = new TokenSampler(5);
            for (var position = 0; position < 100_000; position++)
            {
                Assert.True(sampler.TryDraw([.. logits], settings, position, out var token));
                counts[token]++;
            }

            // Five standard deviations.
            double[] expected = [0.1, 0.2, 0.3, 0, 0.4];
            for (var i = 0; i < 5; i++) Assert.InRange(counts[i] / 100_000.0, expected[i] - 0.008, expected[i] + 0.008);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.00001f)]
    public void Greedy_takes_the_largest_and_the_lowest_id_among_equals(float temperature)
    {
        for (var length = 1; length < 100; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var logits = new float[length];
                logits.AsSpan().Fill(-5);
                logits[at..].AsSpan().Fill(-5);
                logits[at] = logits[^1] = -1;
                Assert.True(new TokenSampler(length).TryDraw(logits, new DrawSettings(temperature, 5, 0.5f, 0, 1, 0), 0, out var token));
                Assert.Equal(at, token);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_no_distribution_is_refused_wherever_it_is(float bad)
    {
        for (var length = 1; length < 40; length++)
        {
            for (var at = 0; at < length; at++)
            {
                var logits = new float[length];
                logits[at] = bad;
                Assert.False(new TokenSampler(length).TryDraw(logits, new DrawSettings(0, 0, 1, 0, 1, 0), 0, out _));
            }
        }

        Assert.False(new TokenSampler(3).TryDraw(
            [float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity], new DrawSettings(1, 0, 1, 0, 1, 0), 0, out _));
    }

    [Fact]
    public void The_only_token_allowed_is_drawn()
    {
        foreach (var settings in new DrawSettings[] { new(1, 0, 1, 0, 1, 0), new(1, 5, 1, 0, 1, 0), new(2, 0, 0.99f, 0, 1, 0), new(0, 0, 1, 0, 1, 0) })
        {
            var logits = Enumerable.Repeat(float.NegativeInfinity, 3000).ToArray();
            logits[1234] = -50;
            Assert.True(new TokenSampler(3000).TryDraw(logits, settings, 0, out var token));
            Assert.Equal(1234, token);
        }
    }

    /// <summary>The token whose share of the weights the number falls on; null near an edge, where rounding decides.</summary>
    private static int? Expected(List<(int Id, double Weight)> kept, double uniform)
    {
        var sum = 0.0;
        foreach (var (id, weight) in kept)
        {
            if (Math.Abs(uniform - sum) < 2e-4) return null;
            sum += weight;
            if (Math.Abs(uniform - sum) < 2e-4) return null;
            if (uniform < sum) return id;
        }

        return null;
    }

    private static float[][] Rows(int length) => [Peaked(length, 1), Flat(length, 2), Ties(length), Masked(length), Ascending(length)];

    private static float[] Peaked(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(Math.Log(random.NextDouble() + 1e-9) * -1.2))];
    }

    private static float[] Flat(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 8 - 4))];
    }

    private static float[] Ties(int length) => [.. Enumerable.Range(0, length).Select(i => i % 3 == 0 ? 0f : i % 3 == 1 ? -0f : -2f)];

    private static float[] Masked(int length) =>
        [.. Flat(length, 3).Select((value, i) => i % 7 == 0 || i > length - 2 ? value : float.NegativeInfinity)];

    private static float[] Ascending(int length) => [.. Enumerable.Range(0, length).Select(i => (float)i / length * 9)];
}
