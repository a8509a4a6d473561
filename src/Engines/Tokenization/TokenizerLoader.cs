using System.Text.Json;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization.AddedTokens;
using StreamCore.Engines.Tokenization.Bpe;
using StreamCore.Engines.Tokenization.Decoding;
using StreamCore.Engines.Tokenization.Files;
using StreamCore.Engines.Tokenization.Normalizers;
using StreamCore.Engines.Tokenization.PreTokenizers;
using StreamCore.Scheduler;

namespace StreamCore.Engines.Tokenization;

/// <summary>Makes a tokenizer from a Hugging Face tokenizer.json.</summary>
public static class TokenizerLoader
{
    /// <param name="folderOrFile">A model folder with a tokenizer.json in it, or that file itself.</param>
    /// <exception cref="ModelFolderException">The file is missing, damaged, or uses a component that is not supported.</exception>
    public static ITokenizer Load(string folderOrFile)
    {
        ArgumentNullException.ThrowIfNull(folderOrFile);
        var path = Directory.Exists(folderOrFile) ? Path.Combine(folderOrFile, "tokenizer.json") : folderOrFile;
        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException($"{path} cannot be read: {fault.Message}", fault);
        }
        return Parse(json);
    }

    internal static BpeTokenizer Parse(byte[] json)
    {
        try
        {
            return Build(TokenizerFile.Read(json));
        }
        // Strings with half a surrogate pair are an InvalidOperationException of the reader.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw Refusals.Broken("it is damaged: " + fault.Message, fault);
        }
    }

    private static BpeTokenizer Build(TokenizerFile file)
    {
        var type = file.ModelType();
        if (type != "BPE")
            throw Refusals.Component("model", type);
        // The small parts first: what they refuse is told before the long work.
        var normalizer = NormalizerFactory.Create(file.Part("normalizer"));
        var preTokenizer = PreTokenizerFactory.Create(file.Part("pre_tokenizer"));
        var decoder = DecoderFactory.Create(file.Part("decoder"));
        var added = AddedTokensOf(file.Part("added_tokens"));
        var vocabulary = new Vocabulary(BpeFile.ReadVocabulary(file.Vocabulary.Span));
        return new BpeTokenizer(normalizer, preTokenizer, BpeFile.ReadModel(file, vocabulary), vocabulary, added, decoder);
    }

    private static List<AddedToken> AddedTokensOf(JsonElement part)
    {
        var tokens = new List<AddedToken>();
        if (part.IsAbsent())
            return tokens;
        if (part.ValueKind != JsonValueKind.Array)
            throw Refusals.Broken("\"added_tokens\" is not a list");
        foreach (var item in part.EnumerateArray())
        {
            var special = item.Flag("special");
            var token = new AddedToken(
                item.Number("id"), item.Text("content"), item.Flag("single_word"), item.Flag("lstrip"), item.Flag("rstrip"),
                item.Flag("normalized", !special), special);
            BpeFile.CheckId(token.Id, token.Content);
            tokens.Add(token);
        }
        return tokens;
    }
}
