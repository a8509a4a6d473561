using StreamCore.TestKit;

namespace StreamCore.Transport.Tests.Fuzz;

/// <summary>An input that is kept as a file, named for what it is and what becomes of it: <c>two-hosts.DuplicateHost.http</c>.</summary>
internal sealed record CorpusFile(string Folder, string Name, byte[] Bytes)
{
    public static readonly CorpusFile[] All =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Transport.Tests", "Fuzz", "Corpus"), "*.*", SearchOption.AllDirectories)
            .Where(static path => Path.GetExtension(path) is ".http" or ".bin")
            .Order(StringComparer.Ordinal)
            .Select(static path => new CorpusFile(Path.GetFileName(Path.GetDirectoryName(path)!), Path.GetFileNameWithoutExtension(path), File.ReadAllBytes(path))),
    ];

    /// <summary>A rejection's name, or <c>Read</c>.</summary>
    public string Outcome => Name[(Name.LastIndexOf('.') + 1)..];

    public static byte[][] Of(string folder) => [.. All.Where(file => file.Folder == folder).Select(static file => file.Bytes)];
}
