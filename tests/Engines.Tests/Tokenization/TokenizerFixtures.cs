using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Tokenization;

namespace StreamCore.Engines.Tests.Tokenization;

/// <summary>The small tokenizers of the Fixtures folder.</summary>
internal static class TokenizerFixtures
{
    public static readonly string[] ByteLevel = ["gpt2", "llama3", "qwen2", "smollm"];

    public static readonly string[] All = [.. ByteLevel, "llama2", "mistral", "metaspace"];

    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Tokenization", "Fixtures", file);

    public static BpeTokenizer Load(string name) => (BpeTokenizer)TokenizerLoader.Load(PathOf(name + ".json"));

    /// <summary>The fixture after a change to its JSON.</summary>
    public static BpeTokenizer Changed(string name, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(PathOf(name + ".json")))!.AsObject();
        change(json);
        return TokenizerLoader.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    public static T Read<T>(string file) => JsonSerializer.Deserialize<T>(File.ReadAllText(PathOf(file)), JsonSerializerOptions.Web)!;

    public static string TextOf(BpeTokenizer tokenizer, IEnumerable<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
            bytes.AddRange(tokenizer.Bytes(token));
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
