using System.Globalization;
using System.Text;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>A message's handling threw: the receive state is spoiled.</summary>
internal sealed class HandlerException : Exception;

/// <summary>
/// Finds messages by counting braces, wherever they stand, in strings too. A brace is not counted if the byte before it, in the same
/// read, is a backslash. A message that starts <c>{"RAW":N,</c> has N bytes after it, which become its data in base64.
/// </summary>
internal sealed class FrameScanner
{
    /// <summary>From so many filler bytes on, the scanner of <see cref="Fault.ArmScanner"/> takes them for part of the message.</summary>
    private const int FillerBlock = 16;

    private readonly List<byte> _text = [];
    private readonly List<byte> _payload = [];
    private string _head = "";
    private int _depth;
    private int _payloadMissing;
    private int _filler;
    private string? _poison;

    /// <summary>Nothing but a new connection helps.</summary>
    public bool IsPoisoned => _poison is not null;

    /// <summary>Takes one read. Throws <see cref="HandlerException"/> when the receive state is to be reset; the rest of the read is lost then.</summary>
    /// <param name="spoils">Whether filler bytes before a message spoil it.</param>
    public async Task ReadAsync(byte[] read, Func<string, Task> handle, Func<bool> spoils)
    {
        for (var i = 0; i < read.Length; i++)
        {
            if (_payloadMissing > 0)
            {
                var count = Math.Min(_payloadMissing, read.Length - i);
                _payload.AddRange(read.AsSpan(i, count));
                _payloadMissing -= count;
                i += count; // and one byte more: a newline, or else a loss
                if (_payloadMissing == 0) await HandOverAsync(WithPayload(), handle);
                continue;
            }

            var isEscaped = i > 0 && read[i - 1] == '\\';
            if (read[i] == '{' && !isEscaped) _depth++;
            if (read[i] == '}' && !isEscaped) _depth--;
            if (_depth < 0)
            {
                _depth = 0;
                _text.Clear();
                throw new HandlerException();
            }

            _text.Add(read[i]);
            if (_depth > 0) continue;
            if (_text[0] == '{' && _text[^1] == '}')
            {
                var isSpoilt = _filler >= FillerBlock && spoils();
                _filler = 0;
                if (!isSpoilt) await CompleteAsync(handle);
            }
            else
            {
                _filler = i == 0 ? 1 : _filler + 1;
            }

            _text.Clear();
        }
    }

    private async Task CompleteAsync(Func<string, Task> handle)
    {
        var text = Encoding.UTF8.GetString([.. _text]);
        const string mark = "{\"RAW\":";
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (text.StartsWith(mark, StringComparison.Ordinal) && comma > 0
            && int.TryParse(text.AsSpan(mark.Length, comma - mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            _payload.Clear();
            _head = text;
            _payloadMissing = count;
            return;
        }

        await HandOverAsync(text, handle);
    }

    /// <summary>The text of a message whose handling threw stays in front of all that follow, and is what is handled again.</summary>
    private async Task HandOverAsync(string text, Func<string, Task> handle)
    {
        try
        {
            await handle(_poison ?? text);
        }
        catch (HandlerException)
        {
            _poison ??= text;
            _text.Clear();
            throw;
        }
    }

    private string WithPayload() =>
        _head[..^1] + ",\"data\":\"" + Convert.ToBase64String([.. _payload]) + "\"}";
}
