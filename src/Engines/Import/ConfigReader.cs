using System.Globalization;
using System.Text.Json;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import;

/// <summary>Reads single values of a JSON configuration; a value of the wrong kind is a <see cref="ModelFolderException"/> that names it.</summary>
internal sealed class ConfigReader(string path, JsonElement json, string prefix = "")
{
    /// <summary>Larger sizes than any model has; keeps products of sizes inside a long.</summary>
    private const int MaxSize = 100_000_000;

    public string Path { get; } = path;

    /// <summary>Whether the value is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    public int Size(string name) => OptionalSize(name) ?? throw Missing(name);

    public int? OptionalSize(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var size) && size is > 0 and <= MaxSize) return size;
        throw Wrong(name, value, "a whole number above 0");
    }

    public double Number(string name) => OptionalNumber(name) ?? throw Missing(name);

    public double? OptionalNumber(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number > 0 && double.IsFinite(number)) return number;
        throw Wrong(name, value, "a number above 0");
    }

    public bool? OptionalFlag(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, value, "true or false"),
        };
    }

    public string? OptionalText(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, value, "a string");
    }

    /// <summary>The strings of an array, or null.</summary>
    public IReadOnlyList<string>? OptionalTexts(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        throw Wrong(name, value, "a list of strings");
    }

    public ConfigReader? OptionalObject(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object
            ? new ConfigReader(Path, value, $"{prefix}{name}.")
            : throw Wrong(name, value, "an object");
    }

    public ModelFolderException Missing(string name) => new($"'{Path}' has no {prefix}{name}.");

    public ModelFolderException Wrong(string name, JsonElement value, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"'{Path}': {prefix}{name} must be {expected}, not {value.GetRawText()}."));

    public ModelFolderException Unsupported(string name, string value, string supported) =>
        new($"'{Path}': {prefix}{name} is {value}, which cannot be imported; {supported}.");

    private JsonElement? Find(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
