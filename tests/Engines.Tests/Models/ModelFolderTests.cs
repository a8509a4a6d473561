using System.Text.Json.Nodes;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tests.Import;
using Xunit;

namespace StreamCore.Engines.Tests.Models;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public ModelFolderTests() => RandomModel.Write(_temp["m"], "llama-tiny", seed: 1);

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_source_folder_and_what_is_made_of_it_say_the_same()
    {
        ModelImporter.Import(_temp["m"], _temp["i"], WeightFormat.Int8);
        var (source, imported) = (ModelFolder.Open(_temp["m"]), ModelFolder.Open(_temp["i/"]));
        Assert.Equal((ModelFolderKind.Safetensors, ModelFolderKind.Imported), (source.Kind, imported.Kind));
        foreach (var folder in (ModelFolder[])[source, imported])
        {
            Assert.Equal([511, 509], folder.EosTokenIds);
            Assert.Equal((null, false, 2048), (folder.BosTokenId, folder.AddsBosToken, folder.MaxContextTokens));
            Assert.Equal((null, "<|im_end|>"), (folder.BosToken, folder.EosToken));
            Assert.StartsWith("{% for message in messages %}", folder.ChatTemplate);
            Assert.True(File.Exists(folder.TokenizerPath));
        }
        Assert.True(File.Exists(imported.GraphPath));
        Assert.Equal(_temp["i"], imported.FullPath);
    }

    [Fact]
    public void Ending_tokens_come_from_config_when_generation_config_has_none()
    {
        File.Delete(_temp["m/generation_config.json"]);
        Assert.Equal([511], ModelFolder.Open(_temp["m"]).EosTokenIds);
        TinyModel.Configure(_temp["m"], "eos_token_id", null);
        Assert.Empty(ModelFolder.Open(_temp["m"]).EosTokenIds);
    }

    [Fact]
    public void A_template_of_its_own_file_comes_first()
    {
        File.WriteAllText(_temp["m/chat_template.jinja"], "{{ own }}");
        Assert.Equal("{{ own }}", ModelFolder.Open(_temp["m"]).ChatTemplate);
    }

    [Fact]
    public void Of_several_templates_the_default_one_is_taken()
    {
        Tokenizer(("chat_template", JsonNode.Parse("""[{"name":"tool_use","template":"a"},{"name":"default","template":"b"}]""")));
        Assert.Equal("b", ModelFolder.Open(_temp["m"]).ChatTemplate);
        Tokenizer(("chat_template", null));
        Assert.Null(ModelFolder.Open(_temp["m"]).ChatTemplate);
    }

    [Fact]
    public void The_first_token_is_added_when_a_flag_or_the_post_processor_says_so()
    {
        TinyModel.Configure(_temp["m"], "bos_token_id", 7);
        Tokenizer(("bos_token", new JsonObject { ["content"] = "<s>" }), ("add_bos_token", true));
        var folder = ModelFolder.Open(_temp["m"]);
        Assert.Equal((7, "<s>", true), (folder.BosTokenId, folder.BosToken, folder.AddsBosToken));

        Tokenizer(("add_bos_token", null));
        Assert.False(ModelFolder.Open(_temp["m"]).AddsBosToken);
        Change("tokenizer.json", ("post_processor", JsonNode.Parse(
            """{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}]}""")));
        Assert.True(ModelFolder.Open(_temp["m"]).AddsBosToken);
    }

    [Fact]
    public void Anything_else_is_refused_in_one_line()
    {
        Directory.CreateDirectory(_temp["empty"]);
        AssertRefused("empty", "'{0}' is not a model folder: it has neither streamcore.json (an imported model) nor config.json with model.safetensors or model.onnx (a model to import with 'streamcore import').");
        AssertRefused("none", "'{0}' does not exist; give the path of a model folder.");
        Assert.False(ModelFolder.IsModel(_temp["empty"]));
        Assert.True(ModelFolder.IsModel(_temp["m"]));

        Change("generation_config.json", ("eos_token_id", "last"));
        AssertRefused("m", "'{0}/generation_config.json': eos_token_id must be a token id or a list of token ids.");
        Change("generation_config.json", ("eos_token_id", 1));
        Tokenizer(("chat_template", 3));
        AssertRefused("m", "'{0}/tokenizer_config.json': chat_template must be a string or a list with a template called \"default\".");
        Tokenizer(("chat_template", null), ("add_bos_token", 1));
        AssertRefused("m", "'{0}/tokenizer_config.json': add_bos_token must be true or false.");
        File.WriteAllText(_temp["m/tokenizer_config.json"], "no");
        AssertRefused("m", "'{0}/tokenizer_config.json' is not a JSON object; download it again.");
    }

    private void AssertRefused(string folder, string message) =>
        Assert.Equal(
            message.Replace("{0}", _temp[folder]), Assert.Throws<ModelFolderException>(() => ModelFolder.Open(_temp[folder])).Message);

    private void Tokenizer(params (string Name, JsonNode? Value)[] changes) => Change("tokenizer_config.json", changes);

    private void Change(string file, params (string Name, JsonNode? Value)[] changes)
    {
        var json = JsonNode.Parse(File.ReadAllText(_temp[$"m/{file}"]))!.AsObject();
        foreach (var (name, value) in changes) json[name] = value;
        File.WriteAllText(_temp[$"m/{file}"], json.ToJsonString());
    }
}
