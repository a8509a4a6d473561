using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StreamCore.Engines.Images;

/// <summary>
/// Makes a JPEG of bounded size of any common image. The decoding is ffmpeg's, in a child process that gets the bytes by a pipe, can open nothing
/// else, and is ended when it takes too long: decoders of images are where files attack. Safe for many threads.
/// </summary>
public sealed class JpegConverter(ImageOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Beyond what a JPEG of the largest side comes to.</summary>
    private const int MaxJpegBytes = 64 << 20;

    private readonly SemaphoreSlim _places = new(options.MaxConcurrent, options.MaxConcurrent);

    /// <summary>The JPEG: upright as stored, on white where the image is transparent, the first frame of several, without metadata.</summary>
    /// <exception cref="ImageException">It cannot be used.</exception>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellation"/>.</exception>
    public async Task<byte[]> ConvertAsync(ReadOnlyMemory<byte> image, CancellationToken cancellation)
    {
        if (image.Length > options.MaxBytes)
            throw new ImageException(ImageFault.TooLarge, $"The image has {image.Length} bytes; the limit is {options.MaxBytes}.");
        var demuxer = ImageFormat.DemuxerOf(image.Span)
            ?? throw new ImageException(ImageFault.Unreadable, $"The image is not a {ImageFormat.Names} file.");
        await _places.WaitAsync(cancellation);
        try
        {
            return await RunAsync(demuxer, image, cancellation);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<byte[]> RunAsync(string demuxer, ReadOnlyMemory<byte> image, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var process = Start(demuxer);
        try
        {
            var sending = SendAsync(process, image, either.Token);
            var errors = ReadAsync(process.StandardError.BaseStream, 64 << 10, either.Token);
            var jpeg = await ReadAsync(process.StandardOutput.BaseStream, MaxJpegBytes, either.Token);
            await Task.WhenAll(sending, errors, process.WaitForExitAsync(either.Token));
            if (process.ExitCode == 0 && jpeg.Length > 0) return jpeg;
            throw Refusal(Encoding.UTF8.GetString(await errors));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ImageException(ImageFault.TimedOut, $"The image was not decoded within {options.Timeout.TotalSeconds:0.#} s.");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private ImageException Refusal(string said)
    {
        var detail = new InvalidDataException(said);
        // "Picture size 64x48 exceeds specified max pixel count 100", or "is invalid" beyond what can be counted.
        return said.Contains("Picture size", StringComparison.Ordinal)
            ? new(ImageFault.TooLarge, $"The image has more than {options.MaxPixels} pixels.", detail)
            : new(ImageFault.Unreadable, "The image cannot be decoded.", detail);
    }

    private Process Start(string demuxer)
    {
        var start = new ProcessStartInfo(options.Ffmpeg)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var argument in Arguments(demuxer)) start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception fault)
        {
            throw new ImageException(
                ImageFault.ToolMissing,
                $"Images need ffmpeg, and '{options.Ffmpeg}' cannot be started. Install it (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg), or set its path.",
                fault);
        }
    }

    private string[] Arguments(string demuxer)
    {
        var side = options.MaxSide.ToString(CultureInfo.InvariantCulture);
        return
        [
            "-hide_banner", "-nostdin", "-loglevel", "error",
            "-protocol_whitelist", "pipe", "-max_pixels", options.MaxPixels.ToString(CultureInfo.InvariantCulture), "-threads", "1",
            "-f", demuxer, "-i", "pipe:0",
            "-frames:v", "1", "-map_metadata", "-1",
            "-vf",
            // Transparent pixels become white: the image is laid over itself with every colour at its most.
            $"scale=w='min({side},iw)':h='min({side},ih)':force_original_aspect_ratio=decrease,format=rgba,split[a][b];"
                + "[a]format=rgb24,lutrgb=r=255:g=255:b=255[c];[c][b]overlay=format=rgb,format=yuvj420p",
            "-c:v", "mjpeg", "-q:v", "3", "-threads", "1", "-f", "mjpeg", "pipe:1",
        ];
    }

    private static async Task SendAsync(Process process, ReadOnlyMemory<byte> image, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(image, cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has seen enough, or given up; its exit code tells.
        }
    }

    /// <summary>All of it, up to a limit.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, int most, CancellationToken cancellation)
    {
        using var all = new MemoryStream();
        var piece = new byte[32 << 10];
        int count;
        while ((count = await stream.ReadAsync(piece, cancellation)) > 0)
        {
            if (all.Length + count > most) throw new ImageException(ImageFault.Unreadable, "The image cannot be decoded to a reasonable size.");
            all.Write(piece, 0, count);
        }
        return all.ToArray();
    }
}
