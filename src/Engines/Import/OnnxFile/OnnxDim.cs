namespace StreamCore.Engines.Import.OnnxFile;

/// <summary>One axis of a graph input or output: a size, or a name when it differs from run to run.</summary>
internal readonly record struct OnnxDim(string? Name, long Size)
{
    public static implicit operator OnnxDim(string name) => new(name, 0);

    public static implicit operator OnnxDim(long size) => new(null, size);
}
