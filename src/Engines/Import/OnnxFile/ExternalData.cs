using System.Globalization;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>The files beside an ONNX file that hold its larger tensors. Only files of the same folder are opened, and a tensor must lie
/// inside its file.</summary>
internal sealed class ExternalData(string modelPath) : IDisposable
{
    /// <summary>More parts than any model is cut into.</summary>
    private const int MaxFiles = 1024;

    private readonly Dictionary<string, ProtoInput> _files = [];

    /// <summary>The place of a tensor of so many bytes, as its entries (location, offset, length) give it.</summary>
    public (ProtoInput File, long Offset) Find(string tensor, IReadOnlyDictionary<string, string> entries, long bytes)
    {
        var location = entries.GetValueOrDefault("location", "");
        if (location.Length == 0 || location is "." or ".." || location != Path.GetFileName(location) || location.Contains('\\'))
            throw new ModelFolderException($"'{modelPath}' puts tensor '{tensor}' into '{location}', which is not a file of its folder.");
        var (offset, length) = (Number("offset", 0), Number("length", bytes));
        var file = Open(location);
        if (length != bytes && bytes > 0)
            throw new ModelFolderException($"'{modelPath}': tensor '{tensor}' has {length} bytes where its shape asks for {bytes}; download it again.");
        if (offset > file.Length || length > file.Length - offset)
            throw new ModelFolderException(
                $"'{file.Path}' is cut off: it has {file.Length} bytes, and tensor '{tensor}' would end at {(UInt128)offset + (UInt128)length}; download it again.");
        return (file, offset);

        long Number(string key, long absent) =>
            !entries.TryGetValue(key, out var text) ? absent
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ModelFolderException($"'{modelPath}': tensor '{tensor}' has '{text}' as its {key}; download it again.");
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }

    private ProtoInput Open(string location)
    {
        if (_files.TryGetValue(location, out var file)) return file;
        var path = Path.Combine(Path.GetDirectoryName(modelPath)!, location);
        if (!File.Exists(path)) throw new ModelFolderException($"'{path}' is missing, which holds weights of '{modelPath}'; download it too.");
        if (_files.Count == MaxFiles) throw new ModelFolderException($"'{modelPath}' is in more than {MaxFiles} parts; download it again.");
        file = new ProtoInput(path);
        _files.Add(location, file);
        return file;
    }
}
