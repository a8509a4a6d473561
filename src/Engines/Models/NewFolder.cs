namespace StreamCore.Engines.Models;

/// <summary>Folders that appear whole or not at all.</summary>
internal static class NewFolder
{
    /// <summary>Fills a folder beside the target and gives it the target's name when all is written.</summary>
    /// <exception cref="ModelFolderException">The target exists.</exception>
    public static void Write(string target, Action<string> fill)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (Path.Exists(path)) throw new ModelFolderException($"'{path}' exists already; delete it or name another folder.");

        var unfinished = $"{path}.unfinished-{Guid.NewGuid():N}";
        Directory.CreateDirectory(unfinished);
        try
        {
            fill(unfinished);
            Directory.Move(unfinished, path);
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }
    }
}
