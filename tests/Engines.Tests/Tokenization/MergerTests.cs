using StreamCore.Engines.Tokenization.Bpe;
using Xunit;

namespace StreamCore.Engines.Tests.Tokenization;

public class MergerTests
{
    [Fact]
    public void Scan_and_heap_merge_as_the_plain_reference_does()
    {
        var random = new Random(1);
        for (var round = 0; round < 400; round++)
        {
            var merges = RandomMerges(random, letters: random.Next(2, 6), count: random.Next(0, 40));
            var table = new MergeTable(merges);
            int[] word = [.. Enumerable.Range(0, random.Next(0, 120)).Select(_ => random.Next(6))];
            var expected = Reference(word, merges);
            int[] scanned = [.. word], heaped = [.. word];
            Assert.Equal(expected, scanned[..Merger.MergeByScan(scanned, table)]);
            Assert.Equal(expected, heaped[..Merger.MergeByHeap(heaped, table)]);
        }
    }

    [Fact]
    public void A_word_of_a_hundred_thousand_tokens_merges()
    {
        // 0 0 -> 1, 1 1 -> 2, and so on.
        var table = new MergeTable([.. Enumerable.Range(0, 10).Select(i => new Merge(i, i, i + 1))]);
        var word = new int[100 * 1024];
        var length = Merger.Merge(word, table);
        Assert.Equal(Enumerable.Repeat(10, 100), word[..length]);
    }

    /// <summary>As the paper has it: over and over, the first of the pairs of lowest rank.</summary>
    private static List<int> Reference(IEnumerable<int> word, List<Merge> merges)
    {
        var tokens = word.ToList();
        while (true)
        {
            var best = (Rank: int.MaxValue, At: -1);
            for (var i = 0; i + 1 < tokens.Count; i++)
            {
                var rank = merges.FindLastIndex(merge => merge.Left == tokens[i] && merge.Right == tokens[i + 1]);
                if (rank >= 0 && rank < best.Rank)
                    best = (rank, i);
            }
            if (best.At < 0)
                return tokens;
            tokens[best.At] = merges[best.Rank].Result;
            tokens.RemoveAt(best.At + 1);
        }
    }

    private static List<Merge> RandomMerges(Random random, int letters, int count)
    {
        var merges = new List<Merge>();
        for (var i = 0; i < count; i++)
            merges.Add(new Merge(random.Next(letters + i), random.Next(letters + i), letters + i));
        return merges;
    }
}
