using StreamCore.Engines.Import;
using StreamCore.Engines.Import.Gguf;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Gguf;

/// <summary>One sound file, broken in one place at a time; {0} in a message is the file.</summary>
public sealed class BrokenGgufTests
{
    private const string Query = "blk.1.attn_q.weight";

    private static readonly Dictionary<string, (Action<string> Break, string Message)> Cases = new()
    {
        ["empty"] = (file => File.WriteAllBytes(file, []), "'{0}' is not a GGUF file; a model is a folder or a file in that format."),
        ["something else"] = (file => File.WriteAllText(file, "PK and so on"), "'{0}' is not a GGUF file; a model is a folder or a file in that format."),
        ["the magic alone"] = (file => File.WriteAllText(file, "GGUF"), "'{0}' is cut off inside its header: it has only 4 bytes; download it again."),
        ["version 1"] = (file => Poke(file, 4, 1),
            "'{0}' has GGUF version 1, but only 2 and 3 can be read; get a file made by a current llama.cpp."),
        ["version 4"] = (file => Poke(file, 4, 4),
            "'{0}' has GGUF version 4, but only 2 and 3 can be read; get a file made by a current llama.cpp."),
        ["big-endian"] = (file => Poke(file, 4, 0x03000000),
            "'{0}' is a big-endian GGUF file, which cannot be read; get a little-endian one."),
        ["too many tensors"] = (file => Poke(file, 8, 0x7FFFFFFF),
            "'{0}' is not a sound GGUF file: its list of tensors would be 2147483647 entries long; download it again."),
        ["cut off in the header"] = (file => Cut(file, 1000), "'{0}' is cut off inside its header: it has only 1000 bytes; download it again."),
        ["cut off in the weights"] = (file => Cut(file, (int)new FileInfo(file).Length - 33),
            "'{0}' is cut off inside tensor 'output.weight': 407583 bytes of at least 407616; download it again."),
        ["other architecture"] = Value(RawGguf.Text("llama"), RawGguf.Text("mamba"),
            "'{0}': general.architecture is mamba, which cannot be imported; known ones: llama, qwen2."),
        ["a key of several lines"] = Value(RawGguf.Text("general.name"), RawGguf.Text("general\nname"),
            "'{0}' is not a sound GGUF file: a name in it is none; download it again."),
        ["an architecture of several lines"] = Value(RawGguf.Text("llama"), RawGguf.Text("ll\nma"), "'{0}': general.architecture must be a word."),
        ["no layers"] = Value(RawGguf.Whole("llama.block_count", 2), RawGguf.Whole("llama.block_count", 0),
            "'{0}': llama.block_count must be a whole number above 0."),
        ["no hidden size"] = Value(RawGguf.Text("llama.embedding_length"), RawGguf.Text("llama.embedding_lengtH"),
            "'{0}' has no llama.embedding_length in its metadata."),
        ["more layers than tensors"] = Value(RawGguf.Whole("llama.block_count", 2), RawGguf.Whole("llama.block_count", 100_000_000),
            "'{0}': llama.block_count is 100000000, but there are only 21 tensors; download it again."),
        ["a layer too many"] = Value(RawGguf.Whole("llama.block_count", 2), RawGguf.Whole("llama.block_count", 3),
            "'{0}' has no tensor 'blk.2.attn_norm.weight', which its metadata asks for."),
        ["a layer too few"] = Value(RawGguf.Whole("llama.block_count", 2), RawGguf.Whole("llama.block_count", 1),
            "'{0}' has tensor 'blk.1.attn_norm.weight', which a llama model has not; it cannot be imported."),
        ["heads that do not fit"] = Value(
            RawGguf.Whole("llama.attention.head_count_kv", 2), RawGguf.Whole("llama.attention.head_count_kv", 3),
            "'{0}': num_key_value_heads is 3, which cannot be imported; it must divide num_attention_heads, 4."),
        ["values of another width"] = Value(
            RawGguf.Whole("llama.attention.value_length", 16), RawGguf.Whole("llama.attention.value_length", 8),
            "'{0}': llama.attention.value_length is 8, but heads are 16 wide; that cannot be imported."),
        ["a mixture of experts"] = Value(RawGguf.Whole("llama.context_length", 512), RawGguf.Whole("llama.expert_count", 512),
            "'{0}': llama.expert_count is 512, which cannot be imported; only 0 can."),
        ["one of several parts"] = Value(RawGguf.Whole("llama.vocab_size", 300), [.. RawGguf.Text("split.count"), 2, 0, 0, 0, 3, 0],
            "'{0}' is one of 3 parts; put them together with 'llama-gguf-split --merge' first."),
        ["tensor missing"] = Tensors((info, bytes) => info.Name == Query ? null : (info.Name, (uint)info.Type, info.Shape, bytes),
            $"'{{0}}' has no tensor '{Query}', which its metadata asks for."),
        ["tensor of another shape"] = Tensors((info, bytes) => (info.Name, (uint)info.Type, info.Name == Query ? [32, 128] : info.Shape, bytes),
            $"'{{0}}': tensor '{Query}' has shape [32, 128], but the metadata asks for [64, 64]."),
        ["tensor of a type that is not read"] = Tensors((info, bytes) => (info.Name, info.Name == Query ? 23u : (uint)info.Type, info.Shape, bytes),
            $"'{{0}}': tensor '{Query}' has type IQ4_XS; only {GgufTypes.Names} can be imported."),
        ["tensor of a type that nobody knows"] = Tensors((info, bytes) => (info.Name, info.Name == Query ? 4711u : (uint)info.Type, info.Shape, bytes),
            $"'{{0}}': tensor '{Query}' has type 4711; only {GgufTypes.Names} can be imported."),
        ["rows that blocks do not fill"] = Tensors((info, bytes) => (info.Name, info.Name == Query ? 12u : (uint)info.Type, info.Shape, bytes),
            $"'{{0}}': tensor '{Query}' has rows of 64, which are no whole blocks of Q4_K; download the file again."),
        ["a tensor twice"] = Tensors((info, bytes) => (info.Name == "output.weight" ? Query : info.Name, (uint)info.Type, info.Shape, bytes),
            $"'{{0}}' is not a sound GGUF file: it has tensor '{Query}' twice; download it again."),
        ["a weight that is no number"] = Tensors((info, bytes) =>
            {
                if (info.Name == Query) BitConverter.GetBytes(float.NaN).CopyTo(bytes, 400);
                return (info.Name, (uint)info.Type, info.Shape, bytes);
            },
            $"Tensor '{Query}' has weights that are not finite numbers; download the model again."),
        ["another tokenizer"] = Value(RawGguf.Text("gpt2"), RawGguf.Text("bert"),
            "'{0}': tokenizer.ggml.model is bert, which cannot be imported; known ones: gpt2, llama."),
        ["a pre-tokenizer that is not known"] = Value(
            [.. RawGguf.Text("tokenizer.ggml.pre"), 8, 0, 0, 0, .. RawGguf.Text("qwen2")],
            [.. RawGguf.Text("tokenizer.ggml.pre"), 8, 0, 0, 0, .. RawGguf.Text("bloom")],
            "'{0}': tokenizer.ggml.pre is bloom, which cannot be imported; known ones: gpt-2, llama-bpe, qwen2, smollm, default, llama3, llama-v3, "
            + "falcon3, smaug-bpe, dbrx, deepseek-r1-qwen, stablelm2, olmo, mpt, phi-2, starcoder, refact, command-r, codeshell, exaone."),
        ["an end that is no token"] = Value(
            RawGguf.Whole("tokenizer.ggml.eos_token_id", 299), RawGguf.Whole("tokenizer.ggml.eos_token_id", 300),
            "'{0}': tokenizer.ggml.eos_token_id must be the id of a token, of which there are 300."),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_file_is_refused_in_one_line_and_nothing_is_left_behind(string name)
    {
        using var temp = new TempFolder();
        var file = RawGguf.Make(temp, TinyModel.Llama, "F32");
        var (breakIt, message) = Cases[name];
        breakIt(file);

        var fault = Assert.Throws<ModelFolderException>(() => ModelImporter.Import(file, temp["target"], WeightFormat.Int8));
        Assert.Equal(message.Replace("{0}", file), fault.Message);
        Assert.Equal([temp["source"], file], Directory.GetFileSystemEntries(temp.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>Any bytes in any place give a model or one line, and never take much more memory than the file has.</summary>
    [Fact]
    public void No_bytes_make_the_reader_fall_or_take_much_memory()
    {
        using var temp = new TempFolder();
        var path = RawGguf.Make(temp, TinyModel.Llama, "Q8_0");
        var sound = File.ReadAllBytes(path);
        var header = HeaderLength(path);
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 1500; round++)
        {
            File.WriteAllBytes(path, Spoiled(sound, header, random));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var model = new GgufModel(path);
                _ = new DecoderTensors(model);
                var folder = Directory.CreateDirectory(temp[$"{round}"]).FullName;
                model.WriteFiles(folder);
                TokenizerLoader.Load(folder);
            }
            catch (ModelFolderException fault)
            {
                refused++;
                Assert.DoesNotContain('\n', fault.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }
        Assert.InRange(refused, 500, 1500);
    }

    private static byte[] Spoiled(byte[] sound, int header, Random random)
    {
        var bytes = sound.ToArray();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            // Near the start are the counts and the model's own values; most of the rest is the vocabulary.
            var at = random.Next(2) == 0 ? random.Next(Math.Min(1200, header)) : random.Next(header);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(8, bytes.Length - at)));
                    break;
                default:
                    bytes.AsSpan(at, Math.Min(8, bytes.Length - at)).Fill(0xFF);
                    break;
            }
        }
        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static int HeaderLength(string path)
    {
        using var file = GgufFile.Open(path);
        return (int)file.Tensors.Values.Min(tensor => tensor.Offset);
    }

    private static (Action<string>, string) Value(byte[] old, byte[] with, string message) =>
        (file => RawGguf.Rewrite(file, (info, bytes) => (info.Name, (uint)info.Type, info.Shape, bytes), RawGguf.Replace(old, with)), message);

    private static (Action<string>, string) Tensors(
        Func<GgufTensorInfo, byte[], (string Name, uint Type, long[] Shape, byte[] Data)?> change, string message) =>
        (file => RawGguf.Rewrite(file, change), message);

    private static void Poke(string path, int at, int value)
    {
        using var file = File.OpenWrite(path);
        file.Position = at;
        file.Write(BitConverter.GetBytes(value));
    }

    private static void Cut(string path, int length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
