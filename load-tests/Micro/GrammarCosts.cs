using System.Diagnostics;
using System.Text.Json;
using StreamCore.Protocol.Grammar;
using StreamCore.Scheduler.Grammar;

namespace StreamCore.Micro;

/// <summary>What a token costs under a grammar: the mask and its application to the logits, and the step to the next state.</summary>
internal static class GrammarCosts
{
    private static readonly string[] Names = ["object of strings and numbers", "recursive tree", "any JSON object", "short strings with a pattern"];

    private static readonly GrammarSpec[] Specs =
    [
        Schema("""
            {"type":"array","minItems":3,"items":{"type":"object","properties":{"name":{"type":"string"},"city":{"type":"string","maxLength":80},"age":{"type":"integer"},
             "tags":{"type":"array","minItems":2,"items":{"type":"string"}}},"required":["name","city","age","tags"]}}
            """),
        Schema("""{"type":"object","properties":{"value":{"type":"string"},"children":{"type":"array","items":{"$ref":"#"}}},"required":["value","children"]}"""),
        GrammarSpec.AnyObject(),
        Schema("""{"type":"array","minItems":5,"items":{"type":"string","pattern":"^[A-Z][a-z ]{0,30}$"}}"""),
    ];

    public static void Run(TextWriter output)
    {
        output.WriteLine("| vocabulary | grammar | compile | vocabulary tree | p50 | p99 | max | states met first, max | all masks |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var size in new[] { 512, 32_000, 150_000 })
        {
            var tokenizer = new MadeTokenizer(size, 1);
            for (var i = 0; i < Specs.Length; i++) Measure(output, tokenizer, Names[i], Specs[i]);
        }
    }

    private static void Measure(TextWriter output, MadeTokenizer tokenizer, string name, GrammarSpec spec)
    {
        var watch = Stopwatch.StartNew();
        if (!GrammarApi.TryCompile(spec, GrammarLimits.Default, out var tables, out var error)) throw new InvalidOperationException(error.Message);
        var compile = watch.Elapsed;
        watch.Restart();
        var vocabulary = new GrammarVocabulary(tokenizer);
        var tree = watch.Elapsed;
        if (!TokenGrammar.TryCreate(tables, vocabulary, out var grammar, out _)) throw new InvalidOperationException("A byte is missing.");
        var cold = Write(grammar, tokenizer, seed: 1, generations: 20);
        for (var seed = 2; seed < 6; seed++) Write(grammar, tokenizer, seed, generations: 20);
        if (!TokenGrammar.TryCreate(tables, new(tokenizer), out var another, out _)) throw new InvalidOperationException("A byte is missing.");
        watch.Restart();
        another.Prepare(TimeSpan.MaxValue);
        var prepare = watch.Elapsed;
        var warm = Write(grammar, tokenizer, seed: 99, generations: 20);
        output.WriteLine($"| {tokenizer.VocabularySize} | {name} | {compile.TotalMilliseconds:0.0} ms | {tree.TotalMilliseconds:0} ms "
            + $"| {warm[warm.Length / 2]:0.0} µs | {warm[warm.Length * 99 / 100]:0.0} µs | {warm[^1]:0} µs | {cold[^1]:0} µs | {prepare.TotalMilliseconds:0} ms |");
    }

    // Random texts: among the allowed tokens one by chance, so that every state is met. Times in microseconds, in order.
    private static double[] Write(TokenGrammar grammar, MadeTokenizer tokenizer, int seed, int generations)
    {
        var random = new Random(seed);
        var logits = new float[tokenizer.VocabularySize];
        var times = new List<double>();
        for (var generation = 0; generation < generations; generation++)
        {
            var rule = new GrammarRule(grammar, [tokenizer.End]);
            for (var step = 0; step < 100; step++)
            {
                Array.Fill(logits, 1f);
                var start = Stopwatch.GetTimestamp();
                rule.Apply(logits);
                var applied = Stopwatch.GetTimestamp();
                var token = Pick(logits, random);
                var picked = Stopwatch.GetTimestamp();
                rule.Accept(token);
                times.Add((Stopwatch.GetElapsedTime(start, applied) + Stopwatch.GetElapsedTime(picked)).TotalMicroseconds);
                if (token == tokenizer.End) break;
            }
        }

        times.Sort();
        return [.. times];
    }

    private static int Pick(float[] logits, Random random)
    {
        for (var tries = 0; tries < 50; tries++)
        {
            var token = random.Next(logits.Length);
            if (logits[token] > 0) return token;
        }

        var first = random.Next(logits.Length);
        for (var i = 0; i < logits.Length; i++)
        {
            if (logits[(first + i) % logits.Length] > 0) return (first + i) % logits.Length;
        }

        throw new InvalidOperationException("No token is allowed.");
    }

    private static GrammarSpec Schema(string schema) =>
        GrammarSpec.Schema(JsonDocument.Parse(schema).RootElement, "response_format 'bench'", "response_format");
}
