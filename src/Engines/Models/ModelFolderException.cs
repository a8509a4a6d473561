namespace StreamCore.Engines.Models;

/// <summary>A model folder cannot be used. The message is one line that names the fault and says what to do.</summary>
public sealed class ModelFolderException(string message, Exception? inner = null) : Exception(message, inner);
