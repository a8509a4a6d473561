using System.ComponentModel.DataAnnotations;

namespace StreamCore.Engines.Images;

/// <summary>What images are taken from clients, and what is made of them. They are decoded by ffmpeg, in a process of its own.</summary>
public sealed class ImageOptions
{
    /// <summary>The program, by name or path. A name is looked for in the system's search path.</summary>
    public string Ffmpeg { get; set; } = "ffmpeg";

    /// <summary>Most bytes of an image as it comes. 20 MiB: more than cameras make, and OpenAI's own limit.</summary>
    [Range(1, 1 << 30)]
    public int MaxBytes { get; set; } = 20 << 20;

    /// <summary>Most pixels of an image as it comes: a small file can unpack to gigabytes. 50 million: a large camera's. Rows count as the decoder
    /// stores them, which can be up to 31 pixels longer.</summary>
    [Range(1, 1 << 30)]
    public int MaxPixels { get; set; } = 50_000_000;

    /// <summary>Longer side of what a model is given; larger images are made smaller. 1024: models take 256 to 448, and crop nothing then.</summary>
    [Range(16, 8192)]
    public int MaxSide { get; set; } = 1024;

    /// <summary>Images that are decoded at a time; others wait. 2: each takes a processor and memory for its pixels.</summary>
    [Range(1, 256)]
    public int MaxConcurrent { get; set; } = 2;

    /// <summary>How long one may take. 10 s: the largest takes about 1 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
