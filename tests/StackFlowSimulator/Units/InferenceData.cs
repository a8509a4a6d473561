using System.Buffers;
using System.Buffers.Text;
using System.Text;
using StreamCore.StackFlowSimulator.Front;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>Gathers the pieces of an inference that comes as a stream, and decodes base64.</summary>
/// <param name="isOrdered">Pieces must come in the order of their index; else they are taken as they come.</param>
internal sealed class InferenceData(bool isOrdered = true)
{
    private readonly StringBuilder _pieces = new();
    private int _next;

    /// <summary>The text of an inference once it is whole, with its escapes; null while pieces are missing or if it failed.</summary>
    /// <returns>The code and message of an error, or 0.</returns>
    public (int Code, string Message) Take(Request request, out string? text)
    {
        var data = request.Field("data");
        text = data.Text ?? "";
        var objectName = request.Field("object").Text ?? "";
        if (!objectName.Contains("stream", StringComparison.Ordinal)) return (0, "");
        text = null;
        if (data is not { IsObject: true, Text: { } piece } || !IsInOrder(piece)) return (-25, "Stream data index error.");
        _pieces.Append(RawText.Find(piece, "delta").Text);
        if (RawText.Find(piece, "finish").Text?.Trim() != "true") return (0, "");
        text = _pieces.ToString();
        _pieces.Clear();
        _next = 0;
        return (0, "");
    }

    public static bool IsBase64(Request request) => (request.Field("object").Text ?? "").Contains("base64", StringComparison.Ordinal);

    /// <summary>The bytes, or null where it is not base64.</summary>
    public static byte[]? FromBase64(string text)
    {
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        var status = Base64.DecodeFromUtf8(Encoding.UTF8.GetBytes(text), bytes, out _, out var count);
        return status == OperationStatus.Done ? bytes[..count] : null;
    }

    private bool IsInOrder(string piece)
    {
        if (!isOrdered) return true;
        if (!int.TryParse(RawText.Find(piece, "index").Text, out var index) || (index != 0 && index != _next)) return false;
        if (index == 0) _pieces.Clear();
        _next = index + 1;
        return true;
    }
}
