namespace StreamCore.Engines.Images;

/// <summary>Why an image could not be used.</summary>
public enum ImageFault
{
    /// <summary>It is none of the formats that are taken, or broken. The client's mistake.</summary>
    Unreadable = 0,

    /// <summary>Too many bytes or pixels. The client's mistake.</summary>
    TooLarge,

    /// <summary>It was not decoded in time.</summary>
    TimedOut,

    /// <summary>ffmpeg is not installed. The message says what to do.</summary>
    ToolMissing,
}

/// <summary>An image could not be used. The message is fit for a client.</summary>
public sealed class ImageException(ImageFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ImageFault Fault { get; } = fault;
}
