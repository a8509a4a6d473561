using System.Text;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>The messages of one inference, in the order in which they are sent; the last one is answered.</summary>
internal static class InferenceRequests
{
    private const string ImageObject = "vlm.jpeg.base64";

    /// <summary>Makes a context model forget.</summary>
    public const string ResetWord = "reset";

    public static IReadOnlyList<InferenceRequest> Of(UnitKind unit, UnitInput input)
    {
        if (unit.Purpose == UnitPurpose.Transcription) return [new(unit.InferenceObject, new RequestData.Base64(input.Audio))];
        List<InferenceRequest> requests = [.. input.Images.Select(image => new InferenceRequest(ImageObject, new RequestData.Base64(image)))];
        requests.Add(Text(unit, Harmless(input.Text ?? "")));
        return requests;
    }

    /// <summary>The word as it is, which is a command.</summary>
    public static IReadOnlyList<InferenceRequest> Reset(UnitKind unit) => [Text(unit, ResetWord)];

    /// <summary>
    /// Text goes as base64: no brace, quote or escape of a user's text is then seen by what counts and unescapes them, with any firmware
    /// (`\u` escapes are known since March 2025 only, and `vlm` knows none at all). All but `vlm` unescape after decoding, so backslashes are doubled.
    /// </summary>
    private static InferenceRequest Text(UnitKind unit, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(unit == UnitKind.Vlm ? text : text.Replace("\\", "\\\\", StringComparison.Ordinal));
        return new(unit.InferenceObject, new RequestData.Base64(bytes));
    }

    /// <summary>Nothing and "None" are never answered, and "reset" is a command: a space makes them text.</summary>
    public static string Harmless(string text) => text is "" or "None" or ResetWord ? text + " " : text;
}

/// <summary>One message of an inference.</summary>
internal readonly record struct InferenceRequest(string Object, RequestData Data);
