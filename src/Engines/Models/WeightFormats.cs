using System.Diagnostics.CodeAnalysis;

namespace StreamCore.Engines.Models;

/// <summary>The names of weight formats in files and on the command line.</summary>
public static class WeightFormats
{
    private static readonly (WeightFormat Format, string Name)[] Names =
    [
        (WeightFormat.Int4Block32, "int4-32"), (WeightFormat.Int4Block128, "int4-128"),
        (WeightFormat.Int8, "int8"), (WeightFormat.Float32, "float32"),
    ];

    public static string NameOf(WeightFormat format) => Names.First(entry => entry.Format == format).Name;

    public static bool TryParse([NotNullWhen(true)] string? name, out WeightFormat format)
    {
        format = Names.FirstOrDefault(entry => entry.Name == name).Format;
        return Names.Any(entry => entry.Name == name);
    }
}
