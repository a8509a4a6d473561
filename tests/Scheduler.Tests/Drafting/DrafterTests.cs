using StreamCore.Scheduler.Drafting;
using Xunit;

namespace StreamCore.Scheduler.Tests.Drafting;

public sealed class DrafterTests
{
    [Fact]
    public void It_goes_on_as_it_did_before_and_a_repetition_for_ever()
    {
        Assert.Equal([3, 4], Propose(new Drafter(), [1, 2, 3, 4, 5, 1, 2], most: 8));
        var drafter = new Drafter();
        for (var i = 0; i < 3; i++) drafter.Learn(4, 4);
        Assert.Equal([7, 8, 9, 7, 8], Propose(drafter, [7, 8, 9, 7, 8, 9], most: 5));
    }

    [Fact]
    public void It_drafts_more_while_it_is_right_and_as_many_as_were_right_after_that()
    {
        var drafter = new Drafter();
        int[] tokens = [.. Enumerable.Range(0, 40), 0, 1];
        Assert.Equal(2, Propose(drafter, tokens).Length);
        drafter.Learn(2, 2);
        Assert.Equal(4, Propose(drafter, tokens).Length);
        drafter.Learn(4, 4);
        Assert.Equal(8, Propose(drafter, tokens).Length);
        Assert.Equal(3, Propose(drafter, tokens, most: 3).Length);
        drafter.Learn(3, 3); // all that there was room for
        Assert.Equal(8, Propose(drafter, tokens).Length);
        drafter.Learn(8, 2);
        Assert.Equal(3, Propose(drafter, tokens).Length);
        drafter.Learn(3, 0);
        Assert.Single(Propose(drafter, tokens));
    }

    [Fact]
    public void It_pauses_longer_the_more_often_it_was_wrong_and_not_once_it_was_right()
    {
        var drafter = new Drafter();
        int[] tokens = [1, 2, 3, 1, 2];
        var pauses = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            drafter.Learn(1, 0);
            pauses.Add(Pause());
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 31, 31], pauses);
        drafter.Learn(1, 1);
        Assert.Equal(0, Pause());
        drafter.Learn(2, 0);
        Assert.Equal(0, Pause());

        int Pause()
        {
            var pause = 0;
            while (Propose(drafter, tokens).Length == 0) pause++;
            return pause;
        }
    }

    private static int[] Propose(Drafter drafter, int[] tokens, int most = 16)
    {
        int[] room = [.. tokens, .. new int[most]];
        var count = drafter.Propose(room, tokens.Length);
        Assert.Equal(tokens, room[..tokens.Length]);
        return room[tokens.Length..(tokens.Length + count)];
    }
}
