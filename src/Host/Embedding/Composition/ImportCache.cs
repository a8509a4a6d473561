using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamCore.Engines.Import;

namespace StreamCore.Host.Composition;

/// <summary>
/// Where imported models are kept, so that a Hugging Face folder, a GGUF file or an ONNX export is imported once: the user's cache folder,
/// one folder for each source (its path and its files' sizes and times) and weight format.
/// </summary>
internal static class ImportCache
{
    /// <summary>Raised when an import of the same source would give other files than before.</summary>
    private const int ImporterVersion = 2;

    /// <summary>The folder that the import of <paramref name="source"/> belongs in; it exists when the import was done.</summary>
    public static string FolderFor(string source, string weights)
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
