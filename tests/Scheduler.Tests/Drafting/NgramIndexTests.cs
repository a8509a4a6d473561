using StreamCore.Scheduler.Drafting;
using Xunit;

namespace StreamCore.Scheduler.Tests.Drafting;

public sealed class NgramIndexTests
{
    /// <summary>Against a plain search. The index may forget a run whose place another took, and then finds a shorter one or none.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    [InlineData(30_000)]
    public void What_it_finds_ends_like_the_sequence_and_is_mostly_the_last_of_the_longest(int vocabulary)
    {
        var random = new Random(vocabulary);
        var index = new NgramIndex();
        var tokens = new List<int>();
        var (asked, same) = (0, 0);
        while (tokens.Count < 3000)
        {
            // Now and then a part of what was, so that large vocabularies repeat something too.
            var start = random.Next(Math.Max(1, tokens.Count - 10));
            if (tokens.Count > 10 && random.Next(4) == 0) tokens.AddRange(tokens.GetRange(start, random.Next(2, 10)));
            for (var i = random.Next(1, 4); i > 0; i--) tokens.Add(random.Next(vocabulary));
            var expected = LastOfLongest(tokens);
            var isFound = index.TryFind([.. tokens], out var end);
            Assert.Equal(isFound, end > 0);
            if (isFound) Assert.Equal(tokens[^2..], tokens[(end - 2)..end]);
            if (isFound) Assert.InRange(end, 2, tokens.Count - 1);
            asked++;
            if (end == expected) same++;
        }

        index.Clear();
        Assert.InRange(same, asked * 3 / 4, asked);
    }

    [Fact]
    public void A_short_or_new_sequence_has_none()
    {
        var index = new NgramIndex();
        Assert.False(index.TryFind([7], out _));
        Assert.False(index.TryFind([7, 7], out _)); // the two sevens themselves do not count
        Assert.True(index.TryFind([7, 7, 7], out var end));
        Assert.Equal(2, end);
        index.Clear();
        Assert.False(index.TryFind([1, 2, 3, 4, 5, 6], out _));
        index.Clear();
    }

    private static int LastOfLongest(List<int> tokens)
    {
        for (var length = Math.Min(4, tokens.Count - 1); length >= 2; length--)
        {
            for (var end = tokens.Count - 1; end >= length; end--)
            {
                if (tokens[(end - length)..end].SequenceEqual(tokens[^length..])) return end;
            }
        }

        return 0;
    }
}
