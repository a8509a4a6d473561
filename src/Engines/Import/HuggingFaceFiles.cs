namespace StreamCore.Engines.Import;

/// <summary>The files of a Hugging Face folder that a model folder takes over as they are.</summary>
internal static class HuggingFaceFiles
{
    private static readonly string[] Names =
        [DecoderConfig.FileName, "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"];

    /// <summary>Copies those that there are.</summary>
    public static void Copy(string from, string to)
    {
        foreach (var file in Names.Where(file => File.Exists(Path.Combine(from, file))))
            File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }
}
