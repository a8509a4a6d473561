using System.Text.Json;
using StreamCore.Engines.Tokenization.Patterns;

namespace StreamCore.Engines.Tokenization.Files;

/// <summary>Reading the small parts of a tokenizer.json: an absent or null field is its default, a wrong one is refused.</summary>
internal static class ComponentJson
{
    public static bool IsAbsent(this JsonElement element) =>
        element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    public static string ComponentType(this JsonElement element, string kind) =>
        element.ValueKind == JsonValueKind.Object && element.Optional("type") is { } type
            ? type
            : throw Refusals.Broken($"a {kind} has no type");

    public static string Text(this JsonElement element, string name) =>
        element.Optional(name) ?? throw Refusals.Broken($"\"{name}\" is missing in {Excerpt(element)}");

    public static string? Optional(this JsonElement element, string name)
    {
        var value = element.Field(name);
        if (value.IsAbsent())
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(element, name, "a string");
    }

    public static bool Flag(this JsonElement element, string name, bool absent = false)
    {
        var value = element.Field(name);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ when value.IsAbsent() => absent,
            _ => throw Wrong(element, name, "true or false"),
        };
    }

    public static int Number(this JsonElement element, string name, int? absent = null)
    {
        var value = element.Field(name);
        if (value.IsAbsent() && absent is { } number)
            return number;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number)
            ? number
            : throw Wrong(element, name, "a whole number");
    }

    public static JsonElement.ArrayEnumerator Items(this JsonElement element, string name)
    {
        var value = element.Field(name);
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Wrong(element, name, "a list");
    }

    /// <summary>The field "pattern": <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
    public static TextPattern Pattern(this JsonElement element)
    {
        var pattern = element.Field("pattern");
        if (pattern.ValueKind == JsonValueKind.Object && pattern.Optional("String") is { } literal)
            return new LiteralPattern(literal);
        if (pattern.ValueKind == JsonValueKind.Object && pattern.Optional("Regex") is { } regex)
            return new RegexPattern(regex);
        throw Wrong(element, "pattern", "a string or a regular expression");
    }

    public static JsonElement Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static Models.ModelFolderException Wrong(JsonElement element, string name, string expected) =>
        Refusals.Broken($"\"{name}\" should be {expected} in {Excerpt(element)}");

    private static string Excerpt(JsonElement element)
    {
        var text = element.GetRawText();
        return text.Length <= 80 ? text : text[..80] + "…";
    }
}
