namespace StreamCore.Transport.Multipart;

/// <summary>Limits of a form upload; each endpoint may have its own.</summary>
public sealed class MultipartOptions
{
    /// <summary>Parts of a form; beyond it 413. 128 is several times what any OpenAI route takes.</summary>
    public int MaxPartCount { get; set; } = 128;

    /// <summary>Bytes of the header fields of one part; beyond it 413. 8 KiB holds the longest file name any system allows, percent-encoded.</summary>
    public int MaxPartHeadBytes { get; set; } = 8 * 1024;

    /// <summary>Bytes of a part without a file name; beyond it 413. They are kept in memory. 1 MiB is far above any prompt for speech or images.</summary>
    public int MaxFieldBytes { get; set; } = 1024 * 1024;

    /// <summary>Bytes of a part with a file name; beyond it 413. 512 MiB is the largest file OpenAI takes.</summary>
    public long MaxFileBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Bytes of the whole form with its boundaries; beyond it 413. The default leaves it to the limit of all bodies.</summary>
    public long MaxTotalBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes of a file that stay in memory; a longer one goes to a temporary file. 256 KiB is a few seconds of speech.</summary>
    public int MaxFileBytesInMemory { get; set; } = 256 * 1024;

    /// <summary>Where temporary files are made; the system's folder when empty.</summary>
    public string TemporaryFolder { get; set; } = "";

    /// <summary>All faults of these values at once; empty when they are sound.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Least(nameof(MaxPartCount), MaxPartCount, 1);
        Least(nameof(MaxPartHeadBytes), MaxPartHeadBytes, 64);
        Least(nameof(MaxFieldBytes), MaxFieldBytes, 0);
        Least(nameof(MaxFileBytes), MaxFileBytes, 0);
        Least(nameof(MaxTotalBytes), MaxTotalBytes, 0);
        Least(nameof(MaxFileBytesInMemory), MaxFileBytesInMemory, 0);
        return faults;

        void Least(string name, long value, long least)
        {
            if (value < least) faults.Add($"{name} must be at least {least}.");
        }
    }
}
