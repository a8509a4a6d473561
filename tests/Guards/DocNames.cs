using System.Reflection;
using System.Text.RegularExpressions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Guards;

/// <summary>A README that names a type, a member or a file must name one that exists.</summary>
public partial class DocNames
{
    private static readonly string[] Assemblies =
        ["StreamCore.Transport", "StreamCore.Protocol", "StreamCore.Scheduler.Planning", "StreamCore.Scheduler", "StreamCore.Engines", "StreamCore.Host"];

    public static TheoryData<string> Readmes() =>
        new(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md"))
            .Select(path => Path.GetRelativePath(Repository.Root, path)));

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Names_in_back_ticks_exist(string readme)
    {
        var ours = Assemblies.SelectMany(name => Assembly.Load(name).GetTypes()).ToArray();
        var known = ours
            .Concat(typeof(object).Assembly.GetExportedTypes())
            .Concat(typeof(System.IO.Pipelines.Pipe).Assembly.GetExportedTypes())
            .Concat(typeof(System.Threading.Channels.Channel).Assembly.GetExportedTypes())
            .Concat(typeof(HttpMessageHandler).Assembly.GetExportedTypes())
            .Concat(typeof(Microsoft.AspNetCore.Connections.ConnectionContext).Assembly.GetExportedTypes())
            .Concat(typeof(System.Text.Json.JsonElement).Assembly.GetExportedTypes())
            .Select(type => type.Name.Split('`')[0])
            .Concat(ours.SelectMany(type => type.GetMembers()).Select(member => member.Name))
            .Concat(Files)
            .ToHashSet(StringComparer.Ordinal);
        var named = BackTicked().Matches(File.ReadAllText(Path.Combine(Repository.Root, readme)))
            .Select(match => match.Groups[1].Value)
            .Where(name => !NotOurs.Contains(name));
        Assert.Empty(named.Distinct().Except(known));
    }

    /// <summary>Names of source files, without their endings, and of folders.</summary>
    private static readonly string[] Files =
        [.. new[] { "src", "tests", "load-tests" }
            .SelectMany(area => Directory.EnumerateFileSystemEntries(Path.Combine(Repository.Root, area), "*", SearchOption.AllDirectories))
            .Where(path => !path.Contains("node_modules", StringComparison.Ordinal))
            .Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>PascalCase words in back-ticks that are names of other things: ONNX operators, architectures, HTTP fields.</summary>
    private static readonly HashSet<string> NotOurs = new(StringComparer.Ordinal)
    {
        "LlamaForCausalLM", "Qwen2ForCausalLM", "MistralForCausalLM", "RaggedAttention", "MatMulNBits", "MatMulIntegerToFloat",
        "GatherBlockQuantized", "SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization", "DynamicQuantizeMatMul",
        "MatMul", "FusedMatMul", "GroupQueryAttention", "MultiHeadAttention", "MatMulInteger", "DequantizeLinear",
        "ByteLevel", "OpenAI", "IdentityModel",
    };

    [GeneratedRegex("`((?:[A-Z][a-z0-9]+){2,})`")]
    private static partial Regex BackTicked();
}
