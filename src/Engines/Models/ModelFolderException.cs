namespace StreamCore.Engines.Models;

/// <summary>A model folder that cannot be used: the message says, in one line, which file and what is wrong with it.</summary>
public sealed class ModelFolderException(string message, Exception? inner = null) : Exception(message, inner);
