using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Guards;

/// <summary>The top level is fixed by the design: a new folder there needs a new design.</summary>
public class TopLevel
{
    private static readonly string[] Folders = [".ci", ".config", ".git", "artifacts", "load-tests", "src", "tests"];

    [Fact]
    public void The_repository_has_no_other_top_level_folder()
    {
        var found = Directory.GetDirectories(Repository.Root).Select(Path.GetFileName);
        Assert.Empty(found.Except(Folders));
    }

    [Fact]
    public void Sources_live_in_the_five_areas()
    {
        var found = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["Engines", "Host", "Protocol", "Scheduler", "Transport"], found);
    }
}
