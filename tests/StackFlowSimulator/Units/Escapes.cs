using System.Globalization;
using System.Text;

namespace StreamCore.StackFlowSimulator.Units;

/// <summary>The units' own small unescaping: \n \t \r \b \\ \" and \uXXXX; any other escaped character just loses its backslash.</summary>
internal static class Escapes
{
    /// <summary>The text, in which an escaped half of a surrogate pair has become broken text: null.</summary>
    public static string? Undo(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            switch (text[++i])
            {
                case 'n':
                    plain.Append('\n');
                    break;
                case 't':
                    plain.Append('\t');
                    break;
                case 'r':
                    plain.Append('\r');
                    break;
                case 'b':
                    plain.Append('\b');
                    break;
                case 'u' when i + 4 < text.Length && ushort.TryParse(text.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code):
                    if (char.IsSurrogate((char)code)) return null;
                    plain.Append((char)code);
                    i += 4;
                    break;
                default:
                    plain.Append(text[i]);
                    break;
            }
        }

        return plain.ToString();
    }
}
