using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace StreamCore.LoadTests.Scenarios;

/// <summary>Reads scenarios and tells all that is wrong with one.</summary>
internal static class ScenarioFile
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder()
        .WithNamingConvention(CamelCaseNamingConvention.Instance)
        .WithTypeConverter(new DistributionConverter())
        .WithTypeConverter(new DurationConverter())
        .Build();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Scenarios");

    /// <summary>The names of the scenarios that come with the driver.</summary>
    public static IEnumerable<string> Known =>
        Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    /// <summary>Reads a file, or the driver's own scenario of that name.</summary>
    /// <exception cref="UsageException">It does not exist, or something in it is wrong.</exception>
    public static Scenario Load(string pathOrName)
    {
        var own = Path.Combine(Folder, pathOrName + ".yaml");
        var path = File.Exists(own) ? own : pathOrName;
        if (!File.Exists(path)) throw new UsageException($"There is no scenario '{pathOrName}'; give a file, or one of {string.Join(", ", Known)}.");
        var scenario = Parse(File.ReadAllText(path), Path.GetFileName(path));
        if (scenario.Name.Length == 0) scenario.Name = Path.GetFileNameWithoutExtension(path);
        return scenario;
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="UsageException">Something in it is wrong.</exception>
    public static Scenario Parse(string text, string fileName)
    {
        try
        {
            var scenario = Yaml.Deserialize<Scenario?>(text) ?? throw new UsageException($"{fileName}: is empty.");
            var faults = ScenarioRules.Faults(scenario).ToArray();
            return faults.Length == 0 ? scenario : throw new UsageException(string.Join('\n', faults.Select(fault => $"{fileName}: {fault}")));
        }
        catch (YamlException fault)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture,
                $"{fileName} line {fault.Start.Line}: {fault.InnerException?.Message ?? fault.Message}"));
        }
    }

    private sealed class DistributionConverter : IYamlTypeConverter
    {
        public bool Accepts(Type type) => type == typeof(Distribution);

        public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            var scalar = parser.Consume<Scalar>();
            return Distribution.TryParse(scalar.Value, out var distribution, out var fault) ? distribution : throw new YamlException(scalar.Start, scalar.End, fault);
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }

    /// <summary><c>500ms</c>, <c>30s</c> or <c>2m</c>.</summary>
    private sealed class DurationConverter : IYamlTypeConverter
    {
        private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60)];

        public bool Accepts(Type type) => type == typeof(TimeSpan) || type == typeof(TimeSpan?);

        public object ReadYaml(IParser parser, Type type, ObjectDeserializer rootDeserializer)
        {
            var scalar = parser.Consume<Scalar>();
            foreach (var (unit, seconds) in Units)
            {
                if (scalar.Value.EndsWith(unit, StringComparison.Ordinal)
                    && double.TryParse(scalar.Value[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                {
                    return TimeSpan.FromSeconds(number * seconds);
                }
            }

            throw new YamlException(scalar.Start, scalar.End, $"'{scalar.Value}' is not a time: write it like 500ms, 30s or 2m.");
        }

        public void WriteYaml(IEmitter emitter, object? value, Type type, ObjectSerializer serializer) => throw new NotSupportedException();
    }
}
