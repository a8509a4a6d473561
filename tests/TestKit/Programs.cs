namespace StreamCore.TestKit;

/// <summary>Programs that some tests need and not every machine has.</summary>
public static class Programs
{
    public static bool HasFfmpeg { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg")));
}
