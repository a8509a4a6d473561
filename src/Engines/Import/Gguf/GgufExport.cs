using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>
/// Writes a Hugging Face safetensors folder as a GGUF file, so that StreamCore and llama.cpp can be held against each other over the very same
/// weights. Byte-level tokenizers only. Matrices have the type asked for; with Q4_0 embedding and head have Q8_0, which is as exact as an
/// int4 import keeps them.
/// </summary>
public static class GgufExport
{
    private const int ChunkElements = 1 << 20;

    private static readonly GgufType[] Writable = [GgufType.F32, GgufType.F16, GgufType.Q8_0, GgufType.Q4_0];

    /// <summary>The types that can be written.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Writable.Select(type => type.ToString())];

    /// <exception cref="ModelFolderException">The type is unknown, the file exists, or the folder has something that GGUF cannot hold.</exception>
    public static void Write(
        string folder, string path, string type, IProgress<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        var index = Types.ToList().IndexOf(type);
        if (index < 0) throw new ModelFolderException($"'{type}' cannot be written; known types: {string.Join(", ", Types)}.");
        if (Path.Exists(path)) throw new ModelFolderException($"'{path}' exists already; delete it or name another file.");

        using var source = new SafetensorsModel(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var tensors = GgufExportTensors.Of(source, Writable[index]);
        var unfinished = $"{path}.unfinished-{Guid.NewGuid():N}";
        try
        {
            using (var writer = new GgufWriter(unfinished))
            {
                GgufExportMetadata.Write(writer, folder, source);
                writer.Describe([.. tensors.Select(tensor => tensor.Entry)]);
                WriteTensors(writer, tensors, progress, cancellation);
            }
            File.Move(unfinished, path);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static void WriteTensors(
        GgufWriter writer, IReadOnlyList<GgufExportTensor> tensors, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var total = tensors.Sum(tensor => tensor.Entry.ElementCount);
        var done = 0L;
        foreach (var tensor in tensors)
        {
            var columns = tensor.Entry.ElementCount / tensor.Entry.Shape[0];
            var chunkRows = Math.Max(1, ChunkElements / columns);
            for (var row = 0L; row < tensor.Entry.Shape[0]; row += chunkRows)
            {
                cancellation.ThrowIfCancellationRequested();
                var rows = Math.Min(chunkRows, tensor.Entry.Shape[0] - row);
                var values = new float[rows * columns];
                tensor.Read(row, values);
                writer.Write(values);
                progress?.Report(new ImportProgress(tensor.Entry.Name, done += values.Length, total));
            }
        }
    }
}
