using System.Reflection;
using Xunit;

namespace StreamCore.Guards;

/// <summary>Who may reference whom. A new arrow fails here and needs a reason in the design.</summary>
public class Layers
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["StreamCore.Transport"] = [],
        ["StreamCore.Protocol"] = [],
        ["StreamCore.Scheduler.Planning"] = [],
        ["StreamCore.Scheduler"] = ["StreamCore.Protocol", "StreamCore.Scheduler.Planning"],
        ["StreamCore.Engines"] = ["StreamCore.Scheduler", "StreamCore.Protocol"],
        ["StreamCore.Host"] =
            ["StreamCore.Transport", "StreamCore.Protocol", "StreamCore.Scheduler", "StreamCore.Engines"],
    };

    public static TheoryData<string> Assemblies() => new(Allowed.Keys);

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_references_only_the_layers_below_it(string name)
    {
        var ours = Assembly.Load(name).GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(a => a.StartsWith("StreamCore.", StringComparison.Ordinal));
        Assert.Empty(ours.Except(Allowed[name]));
    }

    [Theory]
    [InlineData("StreamCore.Protocol")]
    [InlineData("StreamCore.Scheduler.Planning")]
    public void The_pure_core_knows_no_framework_but_the_base_library(string name)
    {
        var others = Assembly.Load(name).GetReferencedAssemblies()
            .Select(a => a.Name!)
            .Where(a => a.StartsWith("Microsoft.", StringComparison.Ordinal) || a.Contains("Net", StringComparison.Ordinal) && a != "netstandard");
        Assert.Empty(others);
    }
}
