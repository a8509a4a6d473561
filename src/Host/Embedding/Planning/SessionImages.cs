using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamCore.Engines.Images;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Host.Planning;

/// <summary>
/// Images of requests as devices take them: a device does not answer at all where it cannot read one, so each is decoded here and sent as a JPEG of
/// modest size. Without ffmpeg, which decodes, JPEG files of modest size are sent as they are when their markers are in order.
/// </summary>
internal sealed class SessionImages(ImageOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Of a file that is sent as it is. Ten times what a photograph of the size that models look at has.</summary>
    private const int MaxUndecodedBytes = 2 * 1024 * 1024;

    private readonly JpegConverter _converter = new(options, time);

    /// <summary>The file in a data URL. False where it is none; then <paramref name="fault"/> says why.</summary>
    public static bool TryRead(string url, out ReadOnlyMemory<byte> file, [NotNullWhen(false)] out string? fault)
    {
        file = default;
        fault = null;
        if (!DataUrl.IsOne(url)) fault = "this server fetches no images. Send the image itself, as 'data:image/jpeg;base64,...'";
        else if (!DataUrl.TryDecode(url, out var bytes)) fault = "the data URL is not one in base64: 'data:image/jpeg;base64,...'";
        else file = bytes;
        return fault is null;
    }

    /// <summary>The prompt with its images decoded; or why one of them cannot be shown to a device.</summary>
    /// <param name="prompt">With the files as they came.</param>
    /// <param name="messages">What it was made of, one for one.</param>
    /// <param name="leaving">Nobody waits for it any more.</param>
    public async ValueTask<(SessionPrompt? Prompt, ApiError? Error)> ConvertAsync(
        SessionPrompt prompt, ChatMessage[] messages, CancellationToken leaving)
    {
        var turns = prompt.Messages.ToArray();
        for (var i = 0; i < turns.Length; i++)
        {
            var jpegs = new List<ReadOnlyMemory<byte>>(turns[i].Images.Count);
            for (var k = 0; k < turns[i].Images.Count; k++)
            {
                var (jpeg, fault) = await ConvertAsync(turns[i].Images[k], leaving);
                if (fault is not null) return (null, Refused(Place(i, messages[i].Images[k].Part), fault));
                jpegs.Add(jpeg);
            }

            turns[i] = turns[i] with { Images = jpegs };
        }

        return (prompt with { Messages = turns }, null);
    }

    public static ApiError Refused(string param, string why) => ApiError.InvalidRequest(param, $"Invalid '{param}': {why}.", "invalid_image");

    /// <summary>Where an image stands in a request.</summary>
    public static string Place(int message, int part) => string.Create(CultureInfo.InvariantCulture, $"messages[{message}].content[{part}].image_url.url");

    public void Dispose() => _converter.Dispose();

    private async ValueTask<(ReadOnlyMemory<byte> Jpeg, string? Fault)> ConvertAsync(ReadOnlyMemory<byte> file, CancellationToken leaving)
    {
        try
        {
            return (await _converter.ConvertAsync(file, leaving), null);
        }
        catch (ImageException missing) when (missing.Fault == ImageFault.ToolMissing)
        {
            return (file, Undecoded(file.Span) is { } fault ? $"{fault}. {missing.Message.TrimEnd('.')}" : null);
        }
        catch (ImageException fault)
        {
            return (default, char.ToLowerInvariant(fault.Message[0]) + fault.Message[1..].TrimEnd('.'));
        }
    }

    /// <summary>Why a file cannot be sent as it is; null where it can.</summary>
    private string? Undecoded(ReadOnlySpan<byte> file)
    {
        if (!JpegHeader.TryRead(file, out var width, out var height)) return "it is not a whole JPEG file, and no other can be sent undecoded";
        return width > options.MaxSide || height > options.MaxSide || file.Length > MaxUndecodedBytes
            ? string.Create(CultureInfo.InvariantCulture,
                $"the image has {width} x {height} pixels and {file.Length} bytes, but at most {options.MaxSide} x {options.MaxSide} and {MaxUndecodedBytes} can be sent undecoded")
            : null;
    }
}
