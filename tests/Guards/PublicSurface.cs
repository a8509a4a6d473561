using System.Reflection;
using System.Text;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Guards;

/// <summary>
/// What each assembly shows, as a text file beside this one: a change of the public surface is seen in review.
/// To accept one, run this test with STREAMCORE_ACCEPT_SURFACE=1 and commit the files.
/// </summary>
public class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("StreamCore.Transport")]
    [InlineData("StreamCore.Protocol")]
    [InlineData("StreamCore.Scheduler.Planning")]
    [InlineData("StreamCore.Scheduler")]
    [InlineData("StreamCore.Engines")]
    [InlineData("StreamCore.Host")]
    public void The_public_surface_is_the_accepted_one(string name)
    {
        var file = Path.Combine(Repository.Root, "tests", "Guards", "Surface", name + ".txt");
        var surface = Describe(Assembly.Load(name));
        if (Environment.GetEnvironmentVariable("STREAMCORE_ACCEPT_SURFACE") == "1") File.WriteAllText(file, surface);
        Assert.Equal(File.ReadAllText(file), surface);
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(type.FullName).Append('\n');
            var members = type.GetMembers(Declared)
                .Where(member => member is not MethodInfo { IsSpecialName: true } and not Type)
                .Select(member => $"    {member.MemberType} {member}")
                .Order(StringComparer.Ordinal);
            foreach (var member in members) text.Append(member).Append('\n');
        }

        return text.ToString();
    }
}
