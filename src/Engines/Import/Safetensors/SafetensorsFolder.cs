using System.Text.Json;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Safetensors;

/// <summary>The weights of a model folder: model.safetensors, or the files that model.safetensors.index.json lists.</summary>
internal sealed class SafetensorsFolder : IDisposable
{
    public const string SingleFileName = "model.safetensors";
    public const string IndexFileName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsTensor> _tensors = [];

    private SafetensorsFolder()
    {
    }

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, SingleFileName)) || File.Exists(Path.Combine(folder, IndexFileName));

    /// <exception cref="ModelFolderException">A file is missing, broken, or does not hold what the index says.</exception>
    public static SafetensorsFolder Open(string folder)
    {
        var weights = new SafetensorsFolder();
        try
        {
            var index = Path.Combine(folder, IndexFileName);
            if (File.Exists(index)) weights.AddSharded(folder, index);
            else weights.AddSingle(folder);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void AddSingle(string folder)
    {
        var path = Path.Combine(folder, SingleFileName);
        if (!File.Exists(path))
            throw new ModelFolderException(
                $"'{folder}' has neither {SingleFileName} nor {IndexFileName}; weights in other formats cannot be imported.");
        foreach (var (name, tensor) in Add(path).Tensors) _tensors.Add(name, tensor);
    }

    private void AddSharded(string folder, string indexPath)
    {
        var files = new Dictionary<string, SafetensorsFile>();
        foreach (var (name, fileName) in ReadIndex(indexPath))
        {
            if (fileName.Length == 0 || fileName != Path.GetFileName(fileName))
                throw new ModelFolderException($"'{indexPath}' puts tensor '{name}' into '{fileName}', which is not a file of the folder.");
            if (!files.TryGetValue(fileName, out var file))
                files.Add(fileName, file = Add(Path.Combine(folder, fileName)));
            if (!file.Tensors.TryGetValue(name, out var tensor))
                throw new ModelFolderException(
                    $"'{indexPath}' puts tensor '{name}' into {fileName}, which does not have it; download the model again.");
            if (!_tensors.TryAdd(name, tensor))
                throw new ModelFolderException($"'{indexPath}' lists tensor '{name}' twice; download the model again.");
        }
    }

    private SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        return file;
    }

    private static List<(string Tensor, string File)> ReadIndex(string indexPath)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(indexPath));
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("weight_map", out var map) && map.ValueKind == JsonValueKind.Object)
                return [.. map.EnumerateObject().Select(
                    entry => (entry.Name, entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : ""))];
        }
        catch (JsonException)
        {
            // The line below says it.
        }
        throw new ModelFolderException($"'{indexPath}' is not a safetensors index: it must be a JSON object with weight_map.");
    }
}
