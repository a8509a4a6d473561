using System.Text.Json;

namespace StreamCore.Engines.Models;

/// <summary>One of a model folder's JSON files; a file that is not there reads as an empty one.</summary>
internal sealed class ModelJson : IDisposable
{
    private readonly string _path;
    private readonly JsonDocument? _json;

    private ModelJson(string path, JsonDocument? json) => (_path, _json) = (path, json);

    public static ModelJson Open(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path)) return new ModelJson(path, null);
        try
        {
            var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind == JsonValueKind.Object) return new ModelJson(path, json);
            json.Dispose();
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{path}' is not a JSON object; download it again.");
    }

    /// <summary>A value that is there and not null.</summary>
    public JsonElement? Find(string name) =>
        _json is not null && _json.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A token id or a list of them.</summary>
    public int[]? TokenIds(string name)
    {
        if (Find(name) is not { } value) return null;
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return Array.ConvertAll(
            items, item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0
                ? id
                : throw Wrong(name, "a token id or a list of token ids"));
    }

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>A token's spelling: a string, or an object with the string as content.</summary>
    public string? TokenText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } token
            when token.TryGetProperty("content", out var text) && text.ValueKind == JsonValueKind.String => text.GetString(),
        _ => throw Wrong(name, "a token's spelling"),
    };

    public ModelFolderException Wrong(string name, string expected) => new($"'{_path}': {name} must be {expected}.");

    public void Dispose() => _json?.Dispose();
}
