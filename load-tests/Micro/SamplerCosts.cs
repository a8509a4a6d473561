using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sampling;

namespace StreamCore.Micro;

/// <summary>What drawing a token costs at a vocabulary of 151,936: of rows where few tokens have nearly all the weight, as trained models'
/// mostly are, and of rows where tens of thousands share it.</summary>
internal static class SamplerCosts
{
    private const int Vocabulary = 151_936, Rows = 16, Calls = 1000;

    private static readonly (string Name, DrawSettings Settings)[] Draws =
    [
        ("greedy", Draw(0)),
        ("temperature 1", Draw(1)),
        ("temperature 0.7, top_k 40", Draw(0.7f, topK: 40)),
        ("temperature 0.7, top_p 0.9", Draw(0.7f, topP: 0.9f)),
        ("temperature 1, min_p 0.05", Draw(1, minP: 0.05f)),
        ("temperature 1, typical_p 0.95", Draw(1) with { TypicalP = 0.95f }),
        ("temperature 0.7, top_k 40, top_p 0.9, min_p 0.05", Draw(0.7f, 40, 0.9f, 0.05f)),
    ];

    public static void Run(TextWriter output)
    {
        output.WriteLine("| 151,936 tokens | peaked p50 | p99 | flat p50 | p99 |");
        output.WriteLine("| --- | --- | --- | --- | --- |");
        float[][] peaked = Made(Peaked), flat = Made(Flat);
        var sampler = new TokenSampler(Vocabulary);
        foreach (var (name, settings) in Draws)
            Print(name, (logits, call) => sampler.TryDraw(logits, settings, call, out _));

        var penalized = new GenerationRequest
        {
            PromptTokens = [],
            MaxTokens = 1,
            Sampling = SamplingSettingsWith(new PenaltySettings(1.1f, 0.5f, 0.5f)),
        };
        var tokens = Enumerable.Range(0, 2000).Select(i => i * 7919 % Vocabulary).ToArray();
        var adjustments = new LogitsAdjustments(Vocabulary);
        Print("the three penalties over 2,000 tokens", (logits, _) => adjustments.Apply(logits, tokens, 1000, penalized));

        var scorer = new Scorer(Vocabulary);
        var rows = new LogprobRows(20);
        Print("logprobs with 20 alternatives", (logits, _) =>
        {
            scorer.TryTake(logits);
            scorer.Add(rows, 17, 0);
        });

        void Print(string name, Action<float[], int> work)
        {
            var logits = new float[Vocabulary];
            var cells = new[] { peaked, flat }.Select(made =>
                Cost.Cells(Cost.Measure(Calls, call => made[call % Rows].CopyTo(logits, 0), call => work(logits, call))));
            output.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
        }
    }

    private static DrawSettings Draw(float temperature, int topK = 0, float topP = 1, float minP = 0) => new(temperature, topK, topP, minP, Seed: 1, Choice: 0);

    private static SamplingSettings SamplingSettingsWith(PenaltySettings penalties)
    {
        var one = SamplingSettings.Default;
        return new SamplingSettings(one.Temperature, one.TopP, one.TopK, one.MinP, one.Seed, one.TypicalP, penalties, one.Bias, one.Ends, one.ShowsSpecialTokens);
    }

    private static float[][] Made(Func<Random, float> logit) =>
        [.. Enumerable.Range(1, Rows).Select(seed =>
        {
            var random = new Random(seed);
            return Enumerable.Range(0, Vocabulary).Select(_ => logit(random)).ToArray();
        })];

    /// <summary>A wide bell, and one token in two thousand far above it.</summary>
    private static float Peaked(Random random) => random.Next(2000) == 0 ? 8 - 2.5f * MathF.Log(random.NextSingle() + 1e-9f) : 2 * Bell(random);

    private static float Flat(Random random) => Bell(random);

    private static float Bell(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
