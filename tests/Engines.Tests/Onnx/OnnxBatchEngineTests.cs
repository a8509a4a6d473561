using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Tests.Import;
using StreamCore.Engines.Tests.Reference;
using StreamCore.Scheduler;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class OnnxBatchEngineTests(TestModels models)
{
    public static TheoryData<WeightFormat> Formats => [.. Enum.GetValues<WeightFormat>()];

    [Theory]
    [InlineData(KvCacheType.Float32, 1e-4)]
    [InlineData(KvCacheType.BFloat16, 0.05)]
    public void Logits_are_those_of_the_model_as_its_paper_has_it(KvCacheType cache, double tolerance)
    {
        using var engine = models.Engine("llama-tiny", WeightFormat.Float32, options => options.CacheType = cache);
        var metadata = engine.Metadata;
        var shape = new ReferenceShape(
            metadata.VocabularySize, metadata.HiddenSize, metadata.LayerCount, metadata.HeadCount, metadata.KvHeadCount, metadata.HeadSize,
            Mlp: 160, RopeTheta: 10_000, NormEpsilon: 1e-6);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * 37 % metadata.VocabularySize)];
        var reference = new ReferenceDecoder(shape, new ImportedWeights(models.Folder("llama-tiny", WeightFormat.Float32))).Run(tokens);

        var logits = Run(engine, new Part(tokens, 0, [2, 0, 1], 40));
        for (var row = 0; row < 40; row++)
            for (var i = 0; i < metadata.VocabularySize; i++) Assert.Equal(reference[row][i], logits[row][i], tolerance);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_row_is_the_same_alone_and_in_any_company_and_with_any_threads(WeightFormat format)
    {
        const int most = 33;
        var parts = Enumerable.Range(0, most).Select(i => new Part([(i * 31 + 7) % 4096], 0, [i], 1)).ToArray();
        float[][]? alone = null;
        foreach (var threads in (int[])[1, 2])
        {
            using var engine = models.Engine(TestModels.QwenLike, format, options => options.Threads = threads);
            alone ??= [.. parts.Select(part => Run(engine, part)[0])];
            foreach (var count in (int[])[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33])
            {
                var together = Run(engine, parts[..count]);
                for (var i = 0; i < count; i++) Assert.Equal(alone[i], together[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_prompt_may_be_run_in_any_pieces_beside_others(WeightFormat format)
    {
        using var engine = models.Engine("llama-small", format);
        int[] prompt = [.. Enumerable.Range(0, 70).Select(i => i * 37 % 4096)];
        int[] other = [.. Enumerable.Range(0, 40).Select(i => i * 53 % 4096)];
        var whole = Run(engine, new Part(prompt, 0, [4, 0, 2, 1, 3], 1))[0];

        Run(engine, new Part(other[..33], 0, [20, 21, 22], 0), new Part(prompt[..33], 0, [9, 7, 8, 5, 6], 0));
        Run(engine, new Part(prompt[33..69], 33, [9, 7, 8, 5, 6], 0), new Part(other[33..34], 33, [20, 21, 22], 1));
        var pieces = Run(
            engine, new Part(other[..5], 0, [30], 0), new Part(prompt[69..], 69, [9, 7, 8, 5, 6], 1), new Part(other[34..35], 34, [20, 21, 22], 1));
        Assert.Equal(whole, pieces[0]);
    }

    [Fact]
    public void A_step_that_cannot_be_run_is_refused_and_the_next_one_runs()
    {
        using var engine = models.Engine("llama-tiny", WeightFormat.Float32);
        var right = new Part([1, 2, 3], 0, [0], 1);
        var before = Run(engine, right)[0];
        foreach (var wrong in (Part[])[
            right with { Tokens = [1, 512] }, right with { Tokens = [-1] }, right with { Blocks = [engine.Limits.BlockCount] },
            right with { Position = 14 }, right with { Position = -1 }, right with { Blocks = [] }])
        {
            var error = Assert.Throws<EngineException>(() => Run(engine, wrong));
            Assert.False(error.Fault.MayRetry);
        }
        Assert.Throws<EngineException>(() => engine.Run(new RaggedStep()));
        Assert.Equal(before, Run(engine, right)[0]);
    }

    [Theory]
    [InlineData(WeightFormat.Float32)]
    [InlineData(WeightFormat.Int4Block32)]
    public void A_step_allocates_nothing_once_it_has_been_run(WeightFormat format)
    {
        using var engine = models.Engine("llama-tiny", format, options => options.Threads = 1);
        var step = new RaggedStep();
        for (var i = 0; i < 5; i++) step.Add([i], 0, [i], 1);
        Assert.Equal(0, AllocatedBytes.Least(() => engine.Run(step)));
    }

    [Fact]
    public void The_cache_is_as_large_as_it_may_be_and_no_larger_than_it_can_be_filled()
    {
        using var few = models.Engine("llama-tiny", WeightFormat.Float32, options =>
        {
            options.MaxSequences = 3;
            options.MaxContextTokens = 100;
        });
        Assert.Equal((21, 100), (few.Limits.BlockCount, few.Limits.MaxContextTokens));

        // 2 layers, keys and values, 2 heads of 16, 16 tokens of 2 bytes: 4096 bytes a block.
        using var small = models.Engine("llama-tiny", WeightFormat.Float32, options => options.CacheBytes = 5 * 4096 + 1);
        Assert.Equal((5, 80), (small.Limits.BlockCount, small.Limits.MaxContextTokens));

        Assert.Throws<ModelFolderException>(() => models.Engine("llama-tiny", WeightFormat.Float32, options => options.CacheBytes = 4095));
    }

    public static TheoryData<string, int?, WeightFormat> BrokenFiles
    {
        get
        {
            var files = new TheoryData<string, int?, WeightFormat>();
            foreach (var format in (WeightFormat[])[WeightFormat.Float32, WeightFormat.Int4Block32, WeightFormat.Int8Block32])
                foreach (var (file, length) in ((string, int?)[])[
                    ("model.onnx", null), ("model.onnx", 1000), ("model.onnx.data", null), ("model.onnx.data", 0), ("model.onnx.data", 5000),
                    ("model.onnx.data", -1), ("streamcore.json", null), ("streamcore.json", 20)])
                    files.Add(file, length, format);
            return files;
        }
    }

    /// <summary>A length that is negative is by how much the file is cut.</summary>
    [Theory]
    [MemberData(nameof(BrokenFiles))]
    public void A_folder_with_a_missing_or_cut_file_is_refused_in_one_line(string file, int? length, WeightFormat format)
    {
        using var folder = new TempFolder();
        foreach (var original in Directory.GetFiles(models.Folder("llama-tiny", format)))
            File.Copy(original, folder[Path.GetFileName(original)]);
        if (length is null) File.Delete(folder[file]);
        else File.WriteAllBytes(folder[file], File.ReadAllBytes(folder[file])[..(length < 0 ? ^-length.Value : length.Value)]);

        var error = Assert.Throws<ModelFolderException>(() => OnnxBatchEngine.Load(folder.Path, new OnnxOptions()));
        Assert.Contains("streamcore import", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_graph_that_is_not_the_one_described_is_refused()
    {
        using var folder = new TempFolder();
        foreach (var original in Directory.GetFiles(models.Folder("llama-tiny", WeightFormat.Float32)))
            File.Copy(original, folder[Path.GetFileName(original)]);
        (ModelMetadata.Load(folder.Path) with { VocabularySize = 513 }).Save(folder.Path);
        var error = Assert.Throws<ModelFolderException>(() => OnnxBatchEngine.Load(folder.Path, new OnnxOptions()));
        Assert.Contains("'logits'", error.Message, StringComparison.Ordinal);
    }

    private static float[][] Run(OnnxBatchEngine engine, params Part[] parts)
    {
        var step = new RaggedStep();
        foreach (var part in parts) step.Add(part.Tokens, part.Position, part.Blocks, part.Logits);
        engine.Run(step);
        return [.. Enumerable.Range(0, step.LogitsRows.Length).Select(row => engine.Logits(row).ToArray())];
    }

    private sealed record Part(int[] Tokens, int Position, int[] Blocks, int Logits);
}
