using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Exported;

/// <summary>What genai_config.json says about a model, in the words of config.json, which such folders often lack.</summary>
internal sealed class GenaiConfig
{
    public const string FileName = "genai_config.json";

    /// <summary>Types, and what Hugging Face calls them.</summary>
    private static readonly Dictionary<string, string> Architectures = new()
    {
        ["llama"] = "LlamaForCausalLM",
        ["mistral"] = "MistralForCausalLM",
        ["qwen2"] = "Qwen2ForCausalLM",
    };

    private readonly string _path;
    private readonly ConfigReader _model;
    private readonly ConfigReader _decoder;
    private readonly JsonObject _json;

    private GenaiConfig(string path, JsonElement json)
    {
        (_path, _json) = (path, JsonNode.Parse(json.GetRawText())!.AsObject());
        var root = new ConfigReader(path, json);
        _model = root.OptionalObject("model") ?? throw root.Missing("model");
        _decoder = _model.OptionalObject("decoder") ?? throw _model.Missing("decoder");
    }

    /// <summary>The file that the configuration names.</summary>
    public string GraphPath
    {
        get
        {
            var name = _decoder.OptionalText("filename") ?? "model.onnx";
            var path = Path.Combine(Path.GetDirectoryName(_path)!, name);
            return name == Path.GetFileName(name) && File.Exists(path)
                ? path
                : throw new ModelFolderException($"'{_path}' names '{name}' as the model's graph, which is not a file of its folder.");
        }
    }

    public static GenaiConfig? TryLoad(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind == JsonValueKind.Object) return new GenaiConfig(path, json.RootElement.Clone());
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{path}' is not a JSON object.");
    }

    /// <summary>As Hugging Face calls it.</summary>
    /// <exception cref="ModelFolderException">It is none that can be imported.</exception>
    public string Architecture
    {
        get
        {
            var type = _model.OptionalText("type") ?? throw _model.Missing("type");
            return Architectures.TryGetValue(type, out var name) ? name : throw _model.Unsupported("type", type, $"known ones: {string.Join(", ", Architectures.Keys)}");
        }
    }

    /// <summary>A config.json of what the file says and what only the graph tells.</summary>
    public JsonObject ToConfig(ExportedDecoder decoder)
    {
        var heads = _decoder.Size("num_attention_heads");
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(Architecture),
            ["model_type"] = _model.OptionalText("type"),
            ["hidden_act"] = "silu",
            ["vocab_size"] = _model.Size("vocab_size"),
            ["hidden_size"] = _decoder.Size("hidden_size"),
            ["num_hidden_layers"] = _decoder.Size("num_hidden_layers"),
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = _decoder.OptionalSize("num_key_value_heads") ?? heads,
            ["head_dim"] = _decoder.Size("head_size"),
            ["intermediate_size"] = decoder.Layers[0].Gate.Outputs,
            ["max_position_embeddings"] = _model.Size("context_length"),
            ["rms_norm_eps"] = decoder.Epsilon,
        };
        if (decoder.Layers[0].Attention.Node?.Integer("local_window_size", -1) is > 0 and var window)
            (config["sliding_window"], config["use_sliding_window"]) = (window, true);
        foreach (var token in (string[])["bos_token_id", "eos_token_id", "pad_token_id"])
            if (_json["model"]![token] is { } id)
                config[token] = id.DeepClone();
        return config;
    }
}
