using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.Tests.Import;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Devices;

public sealed class TaskJournalTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void What_was_begun_and_not_ended_is_left_over()
    {
        using (var journal = Open())
        {
            Assert.Empty(journal.Leftovers);
            journal.Begin(new JournalEntry("a1", "llm", "host:10001"));
            journal.Name("a1", "llm.1000");
            journal.Begin(new JournalEntry("b2", "vlm", "[fe80::1]:10001"));
            journal.Begin(new JournalEntry("c3", "llm", "host:10001"));
            journal.End("c3");
        }

        using var next = Open();
        Assert.Equal([new JournalEntry("a1", "llm", "host:10001", "llm.1000"), new JournalEntry("b2", "vlm", "[fe80::1]:10001")], next.Leftovers.OrderBy(entry => entry.Tag));
    }

    [Fact]
    public void Leftovers_stay_until_they_are_ended()
    {
        using (var journal = Open()) journal.Begin(new JournalEntry("a1", "llm", "h"));
        using (var journal = Open()) Assert.Single(journal.Leftovers);
        using (var journal = Open()) journal.End("a1");
        using (var journal = Open()) Assert.Empty(journal.Leftovers);
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
    }

    [Fact]
    public void A_line_that_a_crash_cut_is_as_if_it_had_not_been_written()
    {
        using (var journal = Open())
        {
            journal.Begin(new JournalEntry("a1", "llm", "h"));
            journal.Name("a1", "llm.1002");
        }

        var whole = File.ReadAllBytes(_temp["journal"]);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_temp["journal"], whole[..length]);
            using var journal = Open();
            Assert.All(journal.Leftovers, entry => Assert.Equal(new JournalEntry("a1", "llm", "h"), entry));
        }
    }

    [Fact]
    public void Only_one_server_has_it()
    {
        using var journal = Open();
        journal.Begin(new JournalEntry("a1", "llm", "h"));
        using (var second = Open())
        {
            Assert.Empty(second.Leftovers);
            second.Begin(new JournalEntry("b2", "llm", "h"));
        }

        journal.End("a1");
        Assert.Equal(0, new FileInfo(_temp["journal"]).Length);
    }

    [Fact]
    public void Without_a_path_nothing_is_written()
    {
        using var journal = TaskJournal.Open("", NullLogger.Instance);
        journal.Begin(new JournalEntry("a1", "llm", "h"));
        journal.End("a1");
        Assert.Empty(journal.Leftovers);
    }

    private TaskJournal Open() => TaskJournal.Open(_temp["journal"], NullLogger.Instance);
}
