using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using StreamCore.Engines.Images;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Engines.Tests.Images;

/// <summary>Images from clients. Tests that decode need ffmpeg, and are skipped where it is not installed.</summary>
public sealed class JpegConverterTests
{
    private const string NoFfmpeg = "ffmpeg is not installed";

    /// <summary>One pixel each.</summary>
    private static readonly byte[] Gif = Convert.FromBase64String("R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==");
    private static readonly byte[] WebP = Convert.FromBase64String("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA");

    [Fact]
    public async Task Every_format_becomes_a_jpeg()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, NoFfmpeg);
        using var converter = new JpegConverter(new(), TimeProvider.System);
        var jpeg = await converter.ConvertAsync(Png(64, 48, (200, 30, 40, 255)), default);
        Assert.Equal((64, 48), SizeOf(jpeg));
        Assert.Equal((64, 48), SizeOf(await converter.ConvertAsync(jpeg, default)));
        Assert.Equal((64, 48), SizeOf(await converter.ConvertAsync(Bmp(64, 48), default)));
        Assert.Equal((1, 1), SizeOf(await converter.ConvertAsync(Gif, default)));
        Assert.Equal((1, 1), SizeOf(await converter.ConvertAsync(WebP, default)));
    }

    [Fact]
    public async Task Large_images_become_smaller_and_keep_their_shape()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, NoFfmpeg);
        using var converter = new JpegConverter(new() { MaxSide = 100 }, TimeProvider.System);
        Assert.Equal((100, 50), SizeOf(await converter.ConvertAsync(Png(400, 200, (1, 2, 3, 255)), default)));
        Assert.Equal((25, 100), SizeOf(await converter.ConvertAsync(Png(200, 800, (1, 2, 3, 255)), default)));
        Assert.Equal((30, 20), SizeOf(await converter.ConvertAsync(Png(30, 20, (1, 2, 3, 255)), default)));
    }

    [Fact]
    public async Task Colours_stay_and_what_is_transparent_is_white()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, NoFfmpeg);
        using var converter = new JpegConverter(new(), TimeProvider.System);
        Assert.All(await PixelsAsync(await converter.ConvertAsync(Png(16, 16, (10, 200, 30, 0)), default)), value => Assert.InRange(value, 250, 255));
        var solid = await PixelsAsync(await converter.ConvertAsync(Png(16, 16, (200, 30, 40, 255)), default));
        Assert.InRange(solid[0], 190, 210);
        Assert.InRange(solid[1], 20, 40);
        Assert.InRange(solid[2], 30, 50);
    }

    [Fact]
    public async Task Too_many_pixels_are_refused_before_they_are_unpacked()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, NoFfmpeg);
        using var converter = new JpegConverter(new() { MaxPixels = 10_000 }, TimeProvider.System);
        await converter.ConvertAsync(Png(64, 100, (1, 2, 3, 255)), default);
        Assert.Equal(ImageFault.TooLarge, (await FailsAsync(converter, Png(160, 100, (1, 2, 3, 255)))).Fault);
        Assert.Equal(ImageFault.TooLarge, (await FailsAsync(converter, Bmp(30_000, 30_000, pixels: false))).Fault);
    }

    [Fact]
    public async Task Broken_images_are_refused()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, NoFfmpeg);
        using var converter = new JpegConverter(new(), TimeProvider.System);
        foreach (var broken in new byte[][] { [0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3], Png(64, 48, (1, 2, 3, 255))[..40], "GIF89a"u8.ToArray(), "BM"u8.ToArray() })
            Assert.Equal(ImageFault.Unreadable, (await FailsAsync(converter, broken)).Fault);
    }

    [Fact]
    public async Task Other_files_and_too_many_bytes_are_refused_without_starting_anything()
    {
        using var converter = new JpegConverter(new() { MaxBytes = 1000, Ffmpeg = "no-such-program" }, TimeProvider.System);
        Assert.Equal(ImageFault.TooLarge, (await FailsAsync(converter, new byte[1001])).Fault);
        foreach (var other in new byte[][] { [], [0xff], "#EXTM3U\nfile:///etc/passwd"u8.ToArray(), "<svg/>"u8.ToArray(), "ffconcat version 1.0"u8.ToArray() })
            Assert.Equal(ImageFault.Unreadable, (await FailsAsync(converter, other)).Fault);
    }

    [Fact]
    public async Task Without_ffmpeg_the_message_says_what_to_install()
    {
        using var converter = new JpegConverter(new() { Ffmpeg = "no-such-program" }, TimeProvider.System);
        var failed = await FailsAsync(converter, Gif);
        Assert.Equal(ImageFault.ToolMissing, failed.Fault);
        Assert.Contains("Install", failed.Message, StringComparison.Ordinal);
        Assert.Contains("ffmpeg", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_too_long_is_ended_and_its_place_is_free_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program that never ends is a shell script.");
        var stuck = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(stuck, "#!/bin/sh\nexec tail -f /dev/null\n");
        try
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(stuck, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var time = new WatchedTime();
            var options = new ImageOptions { Ffmpeg = stuck, MaxConcurrent = 1 };
            using var converter = new JpegConverter(options, time);
            for (var i = 0; i < 2; i++)
            {
                var pending = FailsAsync(converter, Gif);
                await time.ElapseAsync(options.Timeout);
                Assert.Equal(ImageFault.TimedOut, (await pending.WaitAsync(TimeSpan.FromSeconds(20))).Fault);
            }
            using var cancelling = new CancellationTokenSource();
            var cancelled = converter.ConvertAsync(Gif, cancelling.Token);
            await cancelling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            File.Delete(stuck);
        }
    }

    private static Task<ImageException> FailsAsync(JpegConverter converter, byte[] image) =>
        Assert.ThrowsAsync<ImageException>(() => converter.ConvertAsync(image, default));

    /// <summary>Width and height in the start of frame.</summary>
    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        for (var at = 2; jpeg[at] == 0xff; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2)))
        {
            if (jpeg[at + 1] is 0xc0 or 0xc2)
                return (BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 7)), BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 5)));
        }
        throw new InvalidDataException("No frame.");
    }

    private static async Task<byte[]> PixelsAsync(byte[] jpeg)
    {
        var start = new ProcessStartInfo("ffmpeg", ["-loglevel", "error", "-f", "jpeg_pipe", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.BaseStream.WriteAsync(jpeg);
        process.StandardInput.Close();
        using var pixels = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(pixels);
        return pixels.ToArray();
    }

    private static byte[] Bmp(int width, int height, bool pixels = true)
    {
        var bmp = new byte[54 + (pixels ? width * height * 3 : 1000)];
        "BM"u8.CopyTo(bmp);
        foreach (var (at, value) in new[] { (2, bmp.Length), (10, 54), (14, 40), (18, width), (22, height), (26, 1 | 24 << 16) })
            BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(at), value);
        return bmp;
    }

    /// <summary>All of one colour.</summary>
    private static byte[] Png(int width, int height, (byte R, byte G, byte B, byte A) colour)
    {
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                packed.WriteByte(0);
                for (var x = 0; x < width; x++) packed.Write([colour.R, colour.G, colour.B, colour.A]);
            }
        }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 6);
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, rows.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] body = [.. type, .. data];
        var (length, checksum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32(body));
        return [.. length, .. body, .. checksum];
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }
}
