namespace StreamCore.Engines.Onnx;

/// <summary>ONNX Runtime's native library is missing or unusable. The message is one line that says what to do.</summary>
public sealed class OrtLibraryException(string message, Exception? inner = null) : Exception(message, inner);
