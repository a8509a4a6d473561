using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Tokenization.Patterns;

/// <summary>
/// Rewrites a pattern from Oniguruma's (Ruby) syntax into .NET's where the two differ:
/// <list type="bullet">
/// <item>possessive quantifiers become atomic groups;</item>
/// <item>sets nested in sets are flattened (their union), intersections with a negated set become subtractions;</item>
/// <item><c>\w</c>, <c>\h</c>, <c>\p{Han}</c> and the like are written out;</item>
/// <item><c>^</c> and <c>$</c> are line anchors.</item>
/// </list>
/// What has no equal is refused with one line, never matched differently.
/// </summary>
internal sealed class OnigurumaSyntax
{
    // \w of Oniguruma: alphabetic, marks, decimal digits, connectors.
    private const string Word = @"\p{L}\p{M}\p{Nl}\p{Nd}\p{Pc}\u24B6-\u24E9";

    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private int _position;

    private OnigurumaSyntax(string pattern) => _pattern = pattern;

    public static Regex Compile(string pattern)
    {
        var translated = Translate(pattern);
        try
        {
            return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled);
        }
        catch (ArgumentException fault)
        {
            throw new ModelFolderException($"tokenizer.json: the pattern {pattern} cannot be read: {fault.Message}", fault);
        }
    }

    public static string Translate(string pattern)
    {
        var translator = new OnigurumaSyntax(pattern);
        translator.Alternatives(ignoreCase: false);
        if (translator._position < pattern.Length)
            throw translator.Refusal("an unmatched )");
        return translator._output.ToString();
    }

    private bool AtEnd => _position >= _pattern.Length;

    private ModelFolderException Refusal(string what) =>
        new($"tokenizer.json: the pattern {_pattern} uses {what}, which is not supported.");

    private bool Next(string text) => string.CompareOrdinal(_pattern, _position, text, 0, text.Length) == 0;

    private char Take()
    {
        if (AtEnd)
            throw Refusal("an unfinished construct");
        return _pattern[_position++];
    }

    private void Alternatives(bool ignoreCase)
    {
        while (!AtEnd && _pattern[_position] != ')')
        {
            if (_pattern[_position] == '|')
                _output.Append(Take());
            else
                Repeated(ignoreCase);
        }
    }

    /// <summary>One atom and its quantifier.</summary>
    private void Repeated(bool ignoreCase)
    {
        var start = _output.Length;
        Atom(ignoreCase);
        var quantifier = Quantifier();
        if (quantifier.Length == 0)
            return;
        // After a brace a + repeats the repetition in Ruby's syntax; only after ? * + is it possessive.
        var possessive = !AtEnd && _pattern[_position] == '+';
        if (possessive && quantifier[^1] == '}')
            throw Refusal("a quantifier after a quantifier");
        _output.Append(quantifier);
        if (possessive)
        {
            _position++;
            _output.Insert(start, "(?>").Append(')');
        }
        else if (!AtEnd && _pattern[_position] == '?')
        {
            _output.Append(Take());
        }
    }

    private string Quantifier()
    {
        if (AtEnd)
            return "";
        if (_pattern[_position] is '?' or '*' or '+')
            return Take().ToString();
        if (_pattern[_position] != '{')
            return "";
        var match = Regex.Match(_pattern[_position..], @"^\{(\d*)(,?)(\d*)\}", RegexOptions.CultureInvariant);
        if (!match.Success || (match.Groups[1].Length == 0 && match.Groups[3].Length == 0))
            return "";
        _position += match.Length;
        var least = match.Groups[1].Length == 0 ? "0" : match.Groups[1].Value;
        return $"{{{least}{match.Groups[2].Value}{match.Groups[3].Value}}}";
    }

    private void Atom(bool ignoreCase)
    {
        switch (_pattern[_position])
        {
            case '(':
                Group(ignoreCase);
                break;
            case '[':
                _output.Append(Set(ignoreCase));
                break;
            case '\\':
                _output.Append(Escape(insideSet: false));
                break;
            case >= '\uD800' and <= '\uDFFF':
                throw Refusal("a character beyond the basic plane");
            case var c:
                _position++;
                // Not every { opens a quantifier.
                _output.Append(c == '{' ? @"\{" : ignoreCase ? Folded(c) : c.ToString());
                break;
        }
    }

    private void Group(bool ignoreCase)
    {
        var match = Regex.Match(
            _pattern[_position..], @"^\((?:\?(?:[:>=!]|<[=!]|<[A-Za-z_]\w*>|i?-?[i]?:|i\)))?", RegexOptions.CultureInvariant);
        var head = match.Value;
        if (head == "(" && Next("(?"))
            throw Refusal($"the group {_pattern.AsSpan(_position, Math.Min(4, _pattern.Length - _position))}");
        _position += match.Length;
        if (head == "(?i)")
        {
            // The rest of the enclosing group.
            _output.Append("(?:");
            Alternatives(ignoreCase: true);
            _output.Append(')');
            return;
        }
        var inline = head is "(?i:" or "(?-i:";
        _output.Append(inline ? "(?:" : head);
        Alternatives(inline ? head == "(?i:" : ignoreCase);
        if (AtEnd)
            throw Refusal("an unclosed group");
        _output.Append(Take());
    }

    /// <summary>Case is folded here, letter by letter, because .NET's folding leaves out the long s.</summary>
    private static string Folded(char c)
    {
        if (!char.IsLetter(c))
            return c.ToString();
        char lower = char.ToLowerInvariant(c), upper = char.ToUpperInvariant(c);
        return lower switch
        {
            's' => @"[sS\u017F]",
            'k' => @"[kK\u212A]",
            _ => lower == upper ? c.ToString() : $"[{lower}{upper}]",
        };
    }

    private string Set(bool ignoreCase)
    {
        _position++;
        var negated = !AtEnd && _pattern[_position] == '^';
        if (negated)
            _position++;
        var (content, subtracted) = SetContent(ignoreCase);
        return $"[{(negated ? "^" : "")}{content}{subtracted}]";
    }

    /// <summary>What stands between the brackets, up to and with the closing one.</summary>
    private (string Content, string Subtracted) SetContent(bool ignoreCase)
    {
        var content = new StringBuilder();
        for (var first = true; ; first = false)
        {
            if (AtEnd)
                throw Refusal("an unclosed set");
            if (_pattern[_position] == ']' && !first)
            {
                _position++;
                return (content.ToString(), "");
            }
            if (Next("&&"))
                return (content.ToString(), Intersection(ignoreCase));
            if (Next("[:"))
                throw Refusal("a POSIX bracket");
            if (Next("[^"))
                throw Refusal("a negated set inside a set");
            switch (_pattern[_position])
            {
                case '[':
                    _position++;
                    var (inner, subtracted) = SetContent(ignoreCase);
                    if (subtracted.Length > 0)
                        throw Refusal("an intersection inside a set");
                    content.Append(inner);
                    break;
                case '\\':
                    content.Append(Escape(insideSet: true));
                    break;
                case >= '\uD800' and <= '\uDFFF':
                    throw Refusal("a character beyond the basic plane");
                case var c:
                    _position++;
                    if (ignoreCase && char.IsLetter(c))
                        throw Refusal("a set of letters that ignores case");
                    content.Append(c is ']' or '^' ? @"\" + c : c.ToString());
                    break;
            }
        }
    }

    /// <summary><c>&amp;&amp;[^…]]</c>: what is taken away.</summary>
    private string Intersection(bool ignoreCase)
    {
        if (!Next("&&[^"))
            throw Refusal("an intersection of sets");
        _position += 4;
        var (content, subtracted) = SetContent(ignoreCase);
        if (subtracted.Length > 0 || Take() != ']')
            throw Refusal("an intersection of sets");
        return $"-[{content}]";
    }

    private string Escape(bool insideSet)
    {
        _position++;
        var c = Take();
        switch (c)
        {
            case 'p' or 'P':
                return Property(c, insideSet);
            case 'w':
                return insideSet ? Word : $"[{Word}]";
            case 'W' when !insideSet:
                return $"[^{Word}]";
            case 'h':
                return insideSet ? "0-9a-fA-F" : "[0-9a-fA-F]";
            case 'x' or 'u':
                return CodeUnit(c);
            case 'A' or 'z' or 'Z' or 'b' or 'B' when !insideSet:
            case 's' or 'S' or 'd' or 'D' or 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e':
                return @"\" + c;
            case var _ when char.IsAsciiLetterOrDigit(c) || char.IsSurrogate(c):
                throw Refusal(@"\" + c);
            default:
                return c == '_' || !char.IsAscii(c) ? c.ToString() : @"\" + c;
        }
    }

    private string CodeUnit(char kind)
    {
        var match = Regex.Match(
            _pattern[_position..], kind == 'x' ? @"^(?:\{([0-9A-Fa-f]{1,8})\}|([0-9A-Fa-f]{1,2}))" : @"^([0-9A-Fa-f]{4})",
            RegexOptions.CultureInvariant);
        if (!match.Success)
            throw Refusal(@"\" + kind);
        _position += match.Length;
        var digits = match.Groups[1].Length > 0 ? match.Groups[1].Value : match.Groups[2].Value;
        var value = int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (value is > 0xFFFF or (>= 0xD800 and <= 0xDFFF))
            throw Refusal("a character beyond the basic plane");
        return @"\u" + value.ToString("X4", CultureInfo.InvariantCulture);
    }

    private string Property(char kind, bool insideSet)
    {
        var match = Regex.Match(_pattern[_position..], @"^\{(\^?)([A-Za-z_]+)\}|^([A-Z])", RegexOptions.CultureInvariant);
        if (!match.Success)
            throw Refusal(@"\" + kind);
        _position += match.Length;
        var name = match.Groups[3].Length > 0 ? match.Groups[3].Value : match.Groups[2].Value;
        var negated = (kind == 'P') != (match.Groups[1].Length > 0);
        var content = Scripts(name);
        if (content is null)
            return (negated ? @"\P{" : @"\p{") + CategoryName(name) + "}";
        if (insideSet && negated)
            throw Refusal(@"\P{" + name + "} inside a set");
        return insideSet ? content : $"[{(negated ? "^" : "")}{content}]";
    }

    /// <summary>Scripts, which .NET has no names for. Beyond the basic plane only Han has members that matter here.</summary>
    private static string? Scripts(string name) => name switch
    {
        "Han" => @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9",
        "Hiragana" => @"\u3041-\u3096\u309D-\u309F",
        "Katakana" => @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D",
        "Hangul" => @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFBE\uFFC2-\uFFC7\uFFCA-\uFFCF\uFFD2-\uFFD7\uFFDA-\uFFDC",
        _ => null,
    };

    private string CategoryName(string name) => name switch
    {
        "L" or "Lu" or "Ll" or "Lt" or "Lm" or "Lo" or "M" or "Mn" or "Mc" or "Me" or "N" or "Nd" or "Nl" or "No"
            or "P" or "Pc" or "Pd" or "Ps" or "Pe" or "Pi" or "Pf" or "Po" or "S" or "Sm" or "Sc" or "Sk" or "So"
            or "Z" or "Zs" or "Zl" or "Zp" or "C" or "Cc" or "Cf" or "Co" or "Cn" => name,
        "Letter" => "L",
        "Mark" => "M",
        "Number" => "N",
        "Punct" or "Punctuation" => "P",
        "Symbol" => "S",
        _ => throw Refusal(@"\p{" + name + "}"),
    };
}
