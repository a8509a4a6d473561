namespace StreamCore.StackFlowSimulator.Front;

/// <summary>A value as it stands in a message: a string without its quotes and with its escapes, anything else as written.</summary>
internal readonly record struct RawValue(string Text, bool IsString, bool IsObject)
{
    public static readonly RawValue None;

    public bool IsAbsent => Text is null;
}

/// <summary>How units read a message: by the first place where the quoted name stands, objects by counting braces.</summary>
internal static class RawText
{
    public static RawValue Find(string message, string name)
    {
        var at = message.IndexOf('"' + name + '"', StringComparison.Ordinal);
        if (at < 0) return RawValue.None;
        at = message.IndexOf(':', at + name.Length + 2) + 1;
        if (at == 0) return RawValue.None;
        while (at < message.Length && message[at] is ' ' or '\t' or '\r' or '\n') at++;
        if (at == message.Length) return RawValue.None;
        return message[at] switch
        {
            '"' => new(message[(at + 1)..EndOfString(message, at + 1)], true, false),
            '{' => new(message[at..EndOfObject(message, at)], false, true),
            _ => new(message[at..EndOfWord(message, at)], false, false),
        };
    }

    private static int EndOfString(string message, int at)
    {
        while (at < message.Length && message[at] != '"') at += message[at] == '\\' ? 2 : 1;
        return Math.Min(at, message.Length);
    }

    private static int EndOfObject(string message, int at)
    {
        var depth = 0;
        for (; at < message.Length; at++)
        {
            if (message[at] == '{') depth++;
            if (message[at] == '}' && --depth == 0) return at + 1;
        }

        return message.Length;
    }

    private static int EndOfWord(string message, int at)
    {
        var end = message.AsSpan(at).IndexOfAny(',', '}');
        return end < 0 ? message.Length : at + end;
    }
}
