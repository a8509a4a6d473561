using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Safetensors;

public sealed class SafetensorsFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_are_read_as_one_model()
    {
        WriteShard("1.safetensors", "a", 1);
        WriteShard("2.safetensors", "b", 2);
        WriteIndex("""{"metadata":{"total_size":8},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");

        using var weights = SafetensorsFolder.Open(_folder.Path);
        var value = new float[1];
        weights.Tensors["b"].Read(0, value);
        Assert.Equal(2, value[0]);
        Assert.Equal(["a", "b"], weights.Tensors.Keys.Order());
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""", "'{0}/2.safetensors' is missing; download the model again.")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"1.safetensors"}}""", "'{0}/model.safetensors.index.json' puts tensor 'b' into 1.safetensors, which does not have it; download the model again.")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","a":"1.safetensors"}}""", "'{0}/model.safetensors.index.json' lists tensor 'a' twice; download the model again.")]
    [InlineData("""{"weight_map":{"a":"../1.safetensors"}}""", "'{0}/model.safetensors.index.json' puts tensor 'a' into '../1.safetensors', which is not a file of the folder.")]
    [InlineData("""{"weight_map":{"a":7}}""", "'{0}/model.safetensors.index.json' puts tensor 'a' into '', which is not a file of the folder.")]
    [InlineData("""{"weight_map":[]}""", "'{0}/model.safetensors.index.json' is not a safetensors index: it must be a JSON object with weight_map.")]
    [InlineData("""{"weight_map":""", "'{0}/model.safetensors.index.json' is not a safetensors index: it must be a JSON object with weight_map.")]
    public void A_wrong_index_is_refused(string index, string message)
    {
        WriteShard("1.safetensors", "a", 1);
        WriteIndex(index);
        var fault = Assert.Throws<ModelFolderException>(() => SafetensorsFolder.Open(_folder.Path));
        Assert.Equal(message.Replace("{0}", _folder.Path), fault.Message);
    }

    private void WriteIndex(string json) => File.WriteAllText(_folder["model.safetensors.index.json"], json);

    private void WriteShard(string file, string tensor, float value)
    {
        using var writer = new SafetensorsWriter(_folder[file], [new(tensor, SafetensorsType.F32, 1)]);
        writer.Write([value]);
    }
}
