namespace StreamCore.Engines.Onnx.Native;

/// <summary>ONNX Runtime refused or failed; the message is its own.</summary>
internal sealed class OrtException(string message, int code) : Exception(message)
{
    /// <summary>An <c>OrtErrorCode</c>.</summary>
    public int Code { get; } = code;
}
