using System.Diagnostics.CodeAnalysis;

namespace StreamCore.Engines.Models;

/// <summary>The names of weight formats in files and on the command line.</summary>
public static class WeightFormats
{
    private static readonly (WeightFormat Format, string Name)[] Known =
    [
        (WeightFormat.Int4Block32, "int4-32"), (WeightFormat.Int4Whole, "int4-32-all"), (WeightFormat.Int8Block32, "int8-32"),
        (WeightFormat.Int4Block128, "int4-128"), (WeightFormat.Int8, "int8"), (WeightFormat.Float32, "float32"),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names => string.Join(", ", Known.Select(entry => entry.Name));

    /// <summary>
    /// The number of rows (tokens of a step, and rows of logits) must be a multiple of this for a row's result to be, bit for bit, the same in
    /// any company. MatMulNBits takes rows in pairs and an odd last one alone; with blocks of 128 the two kernels add up in different
    /// order (measured on AVX-512: 651 of 1152 outputs differ in the last bit).
    /// </summary>
    public static int RowMultipleOf(WeightFormat format) => format == WeightFormat.Int4Block128 ? 2 : 1;

    /// <summary>Whether linear layers and embedding are computed by our own operators, from the data file as it lies.</summary>
    internal static bool HasPanels(WeightFormat format) => format is WeightFormat.Int4Block32 or WeightFormat.Int4Whole or WeightFormat.Int8Block32;

    /// <summary>The format for weights so many of which, of all, have four bits or fewer already: four bits where most do, which keeps them as
    /// they are, else <see cref="WeightFormat.Int8"/>.</summary>
    internal static WeightFormat Nearest(long few, long all) => 2 * few > all ? WeightFormat.Int4Block32 : WeightFormat.Int8;

    public static string NameOf(WeightFormat format) => Known.First(entry => entry.Format == format).Name;

    public static bool TryParse([NotNullWhen(true)] string? name, out WeightFormat format)
    {
        format = Known.FirstOrDefault(entry => entry.Name == name).Format;
        return Known.Any(entry => entry.Name == name);
    }

    /// <exception cref="ArgumentException">There is no such format.</exception>
    public static WeightFormat Parse(string name) =>
        TryParse(name, out var format) ? format : throw new ArgumentException($"'{name}' is none of {Names}.", nameof(name));
}
