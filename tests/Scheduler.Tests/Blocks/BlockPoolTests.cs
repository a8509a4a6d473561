using StreamCore.Scheduler.Blocks;
using Xunit;

namespace StreamCore.Scheduler.Tests.Blocks;

public sealed class BlockPoolTests
{
    private const int BlockCount = 24, BlockTokens = 2;

    /// <summary>A plain model beside it: who holds which block, and what each block holds.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Blocks_are_never_lost_doubled_or_mistaken(int seed)
    {
        var random = new Random(seed);
        var pool = new BlockPool(BlockCount, BlockTokens);
        var contents = new string[BlockCount]; // all tokens up to the end of the block
        var sequences = new List<List<int>>();
        var shared = 0;
        for (var round = 0; round < 5000; round++)
        {
            var sequence = new List<int>();
            var (stamp, text) = (PrefixIndex.Root(null), "");
            var isFresh = false;
            var length = random.Next(1, 8);
            for (var i = 0; i < length; i++)
            {
                int[] tokens = [random.Next(2), random.Next(2)];
                text += string.Concat(tokens);
                if (!isFresh && pool.TryShare(ref stamp, tokens, out var found))
                {
                    Assert.Equal(text, contents[found]);
                    sequence.Add(found);
                    shared++;
                    continue;
                }

                isFresh = true;
                if (pool.FreeCount == 0) break;
                var block = pool.Take();
                Assert.DoesNotContain(sequences.Append(sequence), held => held.Contains(block));
                sequence.Add(block);
                contents[block] = text;
                if (random.Next(8) > 0) stamp = pool.Store(block, stamp, tokens);
                else break; // a block that is not full yet
            }

            sequences.Add(sequence);
            if (random.Next(500) == 0)
            {
                // As after a failed step: everybody leaves.
                foreach (var held in sequences) pool.Return([.. held]);
                sequences.Clear();
                pool.ForgetAll();
                Array.Clear(contents);
            }

            while (sequences.Count > random.Next(6))
            {
                var leaving = random.Next(sequences.Count);
                pool.Return([.. sequences[leaving]]);
                sequences.RemoveAt(leaving);
            }

            Assert.Equal(BlockCount - sequences.SelectMany(held => held).Distinct().Count(), pool.FreeCount);
            foreach (var held in sequences)
            {
                var own = held.Count(block => sequences.Count(other => other.Contains(block)) == 1);
                Assert.Equal(own, pool.CountUnshared([.. held]));
            }
        }

        Assert.True(shared > 1000);
    }

    [Fact]
    public void The_block_used_longest_ago_is_forgotten_first()
    {
        var list = new RecencyList(4);
        foreach (var block in new[] { 2, 0, 3 }) list.Append(block);
        Assert.Equal(2, list.Oldest);
        list.Remove(0);
        list.Append(0);
        list.Remove(2);
        Assert.Equal(3, list.Oldest);
        list.Remove(3);
        Assert.Equal(0, list.Oldest);
        list.Remove(0);
        Assert.True(list.IsEmpty);
    }
}
