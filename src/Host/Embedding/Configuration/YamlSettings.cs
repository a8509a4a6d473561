using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StreamCore.Host.Configuration;

/// <summary>Flattens a YAML document into settings with their line numbers.</summary>
internal static class YamlSettings
{
    public static void Read(string text, string fileName, List<Setting> settings, List<string> mistakes)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            mistakes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{fileName} line {fault.Start.Line}: not valid YAML: {fault.InnerException?.Message ?? fault.Message}"));
            return;
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner loses its own track in some broken flow collections, and tells no line.
            mistakes.Add($"{fileName}: not valid YAML: look for a bracket or brace that is not closed.");
            return;
        }

        if (stream.Documents.Count == 0) return;
        if (stream.Documents.Count > 1) mistakes.Add($"{fileName}: holds several YAML documents; keep one.");
        if (stream.Documents[0].RootNode is YamlMappingNode root) Walk(root, [], fileName, settings);
        else mistakes.Add($"{fileName}: must be a mapping of settings such as 'server:'.");
    }

    private static void Walk(YamlNode node, List<string> path, string fileName, List<Setting> settings)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children) Walk(value, [.. path, key.ToString()], fileName, settings);
                break;
            case YamlSequenceNode { Children.Count: 0 } empty:
                settings.Add(new Setting(path, Setting.EmptyList, Origin(empty, fileName)));
                break;
            case YamlSequenceNode sequence:
                for (var i = 0; i < sequence.Children.Count; i++)
                    Walk(sequence.Children[i], [.. path, i.ToString(CultureInfo.InvariantCulture)], fileName, settings);
                break;
            case YamlScalarNode scalar:
                settings.Add(new Setting(path, scalar.Value ?? "", Origin(scalar, fileName)));
                break;
        }
    }

    private static string Origin(YamlNode node, string fileName) =>
        string.Create(CultureInfo.InvariantCulture, $"{fileName} line {node.Start.Line}");
}
