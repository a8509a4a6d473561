using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>The tokens of a GGUF file, and those among them that begin and end texts.</summary>
internal sealed class GgufVocabulary
{
    /// <summary>Byte-level BPE.</summary>
    public const string ByteLevelModel = "gpt2";

    /// <summary>SentencePiece's BPE, with scores instead of merges.</summary>
    public const string SentencePieceModel = "llama";

    /// <summary>Tokens that end an answer in whatever model they are; many files name but one of them.</summary>
    private static readonly string[] KnownEnds =
        ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "<EOT>", "<|end_of_text|>"];

    private static readonly string[] EndKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    private readonly GgufMetadata _metadata;

    /// <exception cref="ModelFolderException">The tokenizer is of a kind that cannot be imported, or its parts do not fit together.</exception>
    public GgufVocabulary(GgufMetadata metadata)
    {
        _metadata = metadata;
        Model = metadata.Word("tokenizer.ggml.model");
        if (Model is not (ByteLevelModel or SentencePieceModel))
            throw new ModelFolderException(
                $"'{metadata.Path}': tokenizer.ggml.model is {Model}, which cannot be imported; known ones: {ByteLevelModel}, {SentencePieceModel}.");
        Spellings = metadata.Texts("tokenizer.ggml.tokens");
        Kinds = [.. metadata.OptionalWholes("tokenizer.ggml.token_type")?.Select(kind => (GgufTokenKind)kind)
            ?? Enumerable.Repeat(GgufTokenKind.Normal, Spellings.Length)];
        if (Kinds.Length != Spellings.Length)
            throw metadata.Wrong("tokenizer.ggml.token_type", $"as long as tokenizer.ggml.tokens, {Spellings.Length}");

        var ends = EndKeys.Select(OptionalId).OfType<int>().Concat(KnownEnds.Select(IdOf).Where(id => id >= 0));
        Ends = [.. ends.Distinct()];
        // An end that is not marked as a control token would be shown to the client.
        foreach (var id in Ends)
            if (KnownEnds.Contains(Spellings[id]))
                Kinds[id] = GgufTokenKind.Control;
        // The numbers are those of the models that the two kinds come from.
        Begin = OptionalId("tokenizer.ggml.bos_token_id") ?? (Model == SentencePieceModel && Spellings.Length > 1 ? 1 : null);
        if (Ends.Count == 0 && Model == SentencePieceModel && Spellings.Length > 2) Ends = [2];
        AddsBegin = metadata.OptionalFlag("tokenizer.ggml.add_bos_token")
            ?? (Model == SentencePieceModel || GgufPreTokenizers.IsLlama3(PreTokenizer));
    }

    public string Model { get; }

    public string[] Spellings { get; }

    public GgufTokenKind[] Kinds { get; }

    /// <summary>The one that a text begins with, if any.</summary>
    public int? Begin { get; }

    public bool AddsBegin { get; }

    /// <summary>Those that end an answer, the usual one first.</summary>
    public IReadOnlyList<int> Ends { get; }

    public string PreTokenizer => _metadata.OptionalWord("tokenizer.ggml.pre") ?? "default";

    private int IdOf(string spelling) => Array.IndexOf(Spellings, spelling);

    private int? OptionalId(string key) =>
        _metadata.OptionalId(key) is not { } id ? null
        : id < Spellings.Length ? id
        : throw _metadata.Wrong(key, $"the id of a token, of which there are {Spellings.Length}");
}
