using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

/// <summary>What an engine takes of the process's memory, and that it gives it back. Alone, since the whole process is measured.</summary>
[Collection(nameof(MemoryTests))]
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTests(TestModels models)
{
    private const int Cycles = 5;

    public static TheoryData<WeightFormat> Formats => [.. Enum.GetValues<WeightFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_disposed_engine_gives_its_memory_back_however_often(WeightFormat format)
    {
        var memory = OnnxMemory.Of(models.Folder(TestModels.QwenLike, format), new OnnxOptions { CacheBytes = 64 << 20 });
        LoadAndRun(format, out _); // code, and what is kept for the process's life
        var (last, most) = (Resident(), 0L);
        var more = new long[Cycles];
        for (var i = 0; i < Cycles; i++)
        {
            LoadAndRun(format, out var loaded);
            most = Math.Max(most, loaded - last);
            var after = Resident();
            (more[i], last) = (after - last, after);
        }

        Assert.InRange(most, memory.WeightBytes / 2, memory.TotalBytes);
        // What stays of an engine is more with each; the process's own ups and downs are not.
        Assert.True(more.Order().ElementAt(Cycles / 2) < memory.WeightBytes / 4,
            $"MB more after each engine of {memory.TotalBytes / 1_000_000} MB, {memory.WeightBytes / 1_000_000} MB weights: {string.Join(", ", more.Select(bytes => bytes / 1_000_000))}");
    }

    [Fact]
    public void Large_blocks_of_any_thread_are_given_back()
    {
        const int Bytes = 30 << 20, Rounds = 3, Threads = 4;
        _ = OrtLibrary.Load(null);
        using var barrier = new Barrier(Threads);
        NativeHeap.Trim();
        var before = Resident();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Work))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        NativeHeap.Trim();
        var more = Resident() - before; // less, where the process gave back something of its own meanwhile
        Assert.True(more < Bytes / 2, $"{more / 1_000_000} MB more");

        void Work()
        {
            for (var i = 0; i < Rounds; i++)
            {
                using var block = new NativeBuffer<byte>(Bytes);
                block.Span.Fill(1);
                barrier.SignalAndWait();
            }
        }
    }

    private void LoadAndRun(WeightFormat format, out long loaded)
    {
        using var engine = models.Engine(TestModels.QwenLike, format);
        var limits = engine.Limits;
        var step = new RaggedStep();
        int[] tokens = [.. Enumerable.Range(0, 24)];
        int[] blocks = [.. Enumerable.Range(0, limits.BlockCount)];
        var perSequence = limits.MaxContextTokens / limits.BlockTokens;
        foreach (var sequence in blocks.Chunk(perSequence).Take(2))
        {
            step.Clear();
            step.Add(tokens, 0, sequence, tokens.Length);
            engine.Run(step);
        }

        loaded = Resident();
    }

    /// <summary>Of the whole process, with as little of the managed heap as can be.</summary>
    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
