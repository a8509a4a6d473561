using StreamCore.Engines.Models;

namespace StreamCore.Engines.Tokenization.Files;

/// <summary>The one-line reasons why a tokenizer.json is not used.</summary>
internal static class Refusals
{
    public static ModelFolderException Component(string kind, string name) =>
        new($"tokenizer.json: the {kind} \"{name}\" is not supported.");

    public static ModelFolderException Broken(string what, Exception? inner = null) =>
        new($"tokenizer.json: {what.ReplaceLineEndings(" ")}.", inner);
}
