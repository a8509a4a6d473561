using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Protocol;

namespace StreamCore.Host.Planning;

/// <summary>Images of requests as devices take them: a device does not answer at all where it cannot read one.</summary>
internal static class SessionImages
{
    /// <summary>Of the file. Ten times what a photograph of the size that models look at has.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Of width and height. Models look at 224 to 448; what is larger is scaled by the device, on its slow processor.</summary>
    private const int MaxSide = 2048;

    /// <summary>False where it is none that can be shown to a device; then <paramref name="fault"/> says why.</summary>
    public static bool TryRead(string url, out ReadOnlyMemory<byte> jpeg, [NotNullWhen(false)] out string? fault)
    {
        jpeg = default;
        fault = null;
        if (!DataUrl.IsOne(url)) fault = "this server fetches no images. Send the image itself, as 'data:image/jpeg;base64,...'";
        else if (!DataUrl.TryDecode(url, out var bytes)) fault = "the data URL is not one in base64: 'data:image/jpeg;base64,...'";
        else if (!JpegHeader.TryRead(bytes, out var width, out var height)) fault = "it is not a whole JPEG file, which is what devices are sent";
        else if (width > MaxSide || height > MaxSide || bytes.Length > MaxBytes)
            fault = string.Create(CultureInfo.InvariantCulture,
                $"the image has {width} x {height} pixels and {bytes.Length} bytes, but at most {MaxSide} x {MaxSide} and {MaxBytes} are taken. Scale it down: models look at less than 512 x 512");
        else jpeg = bytes;
        return fault is null;
    }

    public static ApiError Refused(string param, string why) => ApiError.InvalidRequest(param, $"Invalid '{param}': {why}.", "invalid_image");
}
