using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamCore.Engines.Import;
using StreamCore.Engines.Models;
using StreamCore.Engines.Tokenization;

namespace StreamCore.Host.Composition;

/// <summary>
/// Where imported models are kept, so that a Hugging Face folder, a GGUF file or an ONNX export is imported once: the user's cache folder,
/// one folder for each source (its path and its files' sizes and times) and weight format.
/// </summary>
public static class ImportCache
{
    /// <summary>Raised when an import of the same source would give other files than before.</summary>
    private const int ImporterVersion = 3;

    /// <summary>The model at <paramref name="path"/>, ready to be loaded: an imported folder itself, else the import of the folder or the
    /// file, which is made when it is not there yet.</summary>
    /// <param name="weights">The format of an import; empty takes what <see cref="ModelImporter.DefaultFormat"/> says.</param>
    /// <param name="importing">Told of an import before it begins: the format and the folder that it makes. Gives what hears of its progress.</param>
    /// <exception cref="ModelFolderException">The model cannot be used; the message says what to do.</exception>
    public static ModelFolder Open(
        string path, string weights, Func<string, string, IProgress<ImportProgress>> importing, CancellationToken cancellation = default)
    {
        var source = Path.GetFullPath(path);
        if (!File.Exists(source) && ModelFolder.KindOf(source) == ModelFolderKind.Imported) return ModelFolder.Open(source);

        var format = weights.Length > 0 ? WeightFormats.Parse(weights) : ModelImporter.DefaultFormat(source);
        var name = WeightFormats.NameOf(format);
        var target = FolderFor(source, name);
        if (!Directory.Exists(target))
        {
            // Looked at before the long work: a model without its tokenizer cannot be served. A file's is looked at by its import.
            if (Directory.Exists(source)) TokenizerLoader.Load(source);
            var progress = importing(name, target);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            ModelImporter.Import(source, target, format, progress, cancellation);
        }

        return ModelFolder.Open(target);
    }

    /// <summary>The folder that the import of <paramref name="source"/> belongs in; it exists when the import was done.</summary>
    private static string FolderFor(string source, string weights)
    {
        var files = ModelImporter.SourceFiles(source).Select(path => new FileInfo(path)).OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
        var key = string.Join('\n', [$"{ImporterVersion}", Path.GetFullPath(source), .. files]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..12];
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)));
        return Path.Combine(Root, $"{name}-{weights}-{hash}");
    }

    private static string Root => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? cache
            : OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "streamcore", "models");
}
