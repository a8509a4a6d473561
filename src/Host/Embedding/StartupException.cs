namespace StreamCore.Host;

/// <summary>The server cannot start. The message is one line that says what to do.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
