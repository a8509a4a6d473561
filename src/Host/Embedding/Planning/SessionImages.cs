using System.Diagnostics.CodeAnalysis;
using StreamCore.Protocol;

namespace StreamCore.Host.Planning;

/// <summary>Images of requests as devices take them.</summary>
internal static class SessionImages
{
    /// <summary>False where it is none that can be shown to a device; then <paramref name="fault"/> says why.</summary>
    public static bool TryRead(string url, out ReadOnlyMemory<byte> jpeg, [NotNullWhen(false)] out string? fault)
    {
        jpeg = default;
        if (!DataUrl.IsOne(url))
        {
            fault = "this server fetches no images. Send the image itself, as 'data:image/jpeg;base64,...'";
            return false;
        }

        if (!DataUrl.TryDecode(url, out var bytes))
        {
            fault = "the data URL is not one in base64: 'data:image/jpeg;base64,...'";
            return false;
        }

        jpeg = bytes;
        fault = null;
        return true;
    }

    public static ApiError Refused(string param, string why) => ApiError.InvalidRequest(param, $"Invalid '{param}': {why}.", "invalid_image");
}
