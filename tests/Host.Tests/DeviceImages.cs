using System.Buffers.Binary;
using System.Security.Cryptography;
using StreamCore.Host.Planning;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Images reach models that see, and what a device could not read is refused before.</summary>
public sealed class DeviceImages : IAsyncLifetime
{
    private DeviceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await DeviceServer.StartAsync(count: 1);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_image_is_shown_to_the_model_as_a_jpeg_before_the_text()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, "ffmpeg is not installed");
        var (status, body) = await AskAsync(_server, "data:image/bmp;base64," + Convert.ToBase64String(Bitmap(40, 30)));
        Assert.True(status == 200, body.GetRawText());
        var generation = Assert.Single(_server.Devices[0].Generations);
        Assert.Matches(@"\[image [0-9a-f]{8}\]", generation.Seen); // the simulator takes no other files than JPEGs
        Assert.EndsWith("What is it, in 5 words?", generation.Seen, StringComparison.Ordinal);
        Assert.Equal(generation.Answer, body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("https://example.com/cat.jpg", "fetches no images")]
    [InlineData("file:///etc/passwd", "fetches no images")]
    [InlineData("data:image/jpeg,abc", "not one in base64")]
    [InlineData("data:image/jpeg;base64,AQID", "not a JPEG, PNG, WebP, GIF or BMP file")]
    [InlineData("data:image/svg+xml;base64,PHN2Zy8+", "not a JPEG, PNG, WebP, GIF or BMP file")]
    public async Task What_a_device_could_not_read_is_400_naming_the_part(string url, string said)
    {
        var (status, body) = await AskAsync(_server, url);
        var error = body.GetProperty("error");
        Assert.Equal((400, "messages[0].content[1].image_url.url", "invalid_image"),
            (status, error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains(said, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_server.Devices[0].Generations);
    }

    [Fact]
    public async Task An_image_that_is_broken_is_400()
    {
        Assert.SkipUnless(Programs.HasFfmpeg, "ffmpeg is not installed");
        var (status, body) = await AskAsync(_server, "data:image/jpeg;base64," + Convert.ToBase64String(Jpeg(64, 48).AsSpan(0, 12)));
        Assert.Equal((400, "messages[0].content[1].image_url.url"), (status, body.GetProperty("error").GetProperty("param").GetString()));
        Assert.Contains("cannot be decoded", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(_server.Devices[0].Generations);
    }

    [Fact]
    public async Task Without_ffmpeg_jpegs_of_modest_size_are_sent_as_they_are()
    {
        await using var server = await DeviceServer.StartAsync(count: 1, configure: options => options.Images.Ffmpeg = "/there/is/no/ffmpeg");
        var image = Jpeg(64, 48);
        var (status, body) = await AskAsync(server, "data:image/jpeg;base64," + Convert.ToBase64String(image));
        Assert.True(status == 200, body.GetRawText());
        Assert.Contains(
            $"[image {Convert.ToHexStringLower(SHA256.HashData(image))[..8]}]", Assert.Single(server.Devices[0].Generations).Seen, StringComparison.Ordinal);

        (status, body) = await AskAsync(server, "data:image/bmp;base64," + Convert.ToBase64String(Bitmap(4, 4)));
        Assert.Equal((400, "messages[0].content[1].image_url.url"), (status, body.GetProperty("error").GetProperty("param").GetString()));
        Assert.Contains("Install it", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

        (status, body) = await AskAsync(server, "data:image/jpeg;base64," + Convert.ToBase64String(Jpeg(5000, 100)));
        Assert.Equal(400, status);
        Assert.Contains("5000 x 100", body.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(server.Devices[0].Generations);
    }

    [Fact]
    public async Task Too_many_images_are_400()
    {
        var image = "data:image/bmp;base64," + Convert.ToBase64String(Bitmap(8, 8));
        var (status, body) = await AskAsync(_server, image, image);
        Assert.Equal((400, "too_many_images"), (status, body.GetProperty("error").GetProperty("code").GetString()));
    }

    [Fact]
    public void A_jpeg_that_is_cut_off_anywhere_is_none()
    {
        var whole = Jpeg(300, 200);
        Assert.True(JpegHeader.TryRead(whole, out var width, out var height));
        Assert.Equal((300, 200), (width, height));
        for (var length = 0; length < whole.Length; length++) Assert.False(JpegHeader.TryRead(whole.AsSpan(0, length), out _, out _));
        Assert.False(JpegHeader.TryRead([0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0xFF, 0xD9], out _, out _));
    }

    private static Task<(int Status, System.Text.Json.JsonElement Body)> AskAsync(DeviceServer server, params string[] urls)
    {
        object[] content =
        [
            new { type = "text", text = "What is it, in 5 words?" },
            .. urls.Select(url => new { type = "image_url", image_url = new { url } }),
        ];
        return RawHttp.PostAsync(server.Http, "v1/chat/completions", new { model = DeviceServer.Vision, messages = new[] { new { role = "user", content } } }, Stop);
    }

    /// <summary>A grey image, 24 bits a pixel.</summary>
    private static byte[] Bitmap(int width, int height)
    {
        var row = (width * 3 + 3) / 4 * 4;
        var file = new byte[54 + row * height];
        "BM"u8.CopyTo(file);
        foreach (var (at, value) in new[] { (2, file.Length), (10, 54), (14, 40), (18, width), (22, height) })
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        (file[26], file[28]) = (1, 24);
        file.AsSpan(54).Fill(127);
        return file;
    }

    /// <summary>The markers of a JPEG file around no image: an application segment, a frame of this size, a scan, the end.</summary>
    private static byte[] Jpeg(int width, int height) =>
    [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2,
        0xFF, 0xC0, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0,
        0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x55, 0x12, 0xFF, 0xD9,
    ];
}
