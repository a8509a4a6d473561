using System.Text.Unicode;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>Puts together the form that a parser takes apart. Keeps nothing of a form that is not finished.</summary>
internal sealed class FormBuilder(ReadOnlySpan<byte> boundary, MultipartOptions options) : IDisposable
{
    private readonly MultipartParser _parser = new(boundary, options);
    private readonly MultipartOptions _options = options;
    private MultipartForm? _form = new();
    private FormPart? _part;
    private long _received;

    public async ValueTask<HttpRejection> TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        // No byte beyond the limit is looked at, so that a form is refused for the same reason in whatever pieces it comes.
        var allowed = bytes[..(int)Math.Min(bytes.Length, _options.MaxTotalBytes - _received)];
        _received += allowed.Length;
        for (var rest = allowed; !rest.IsEmpty;)
        {
            rest = rest[_parser.Append(rest.Span)..];
            var rejection = await TakeStepsAsync();
            if (rejection != HttpRejection.None) return rejection;
        }
        return allowed.Length < bytes.Length ? HttpRejection.BodyTooLarge : HttpRejection.None;
    }

    /// <summary>The body has ended: so must the form have.</summary>
    public HttpRejection Finish(out MultipartForm? form)
    {
        form = null;
        if (!_parser.IsDone) return HttpRejection.FormCutShort;
        (form, _form) = (_form, null);
        return HttpRejection.None;
    }

    public void Dispose() => _form?.Dispose();

    private async ValueTask<HttpRejection> TakeStepsAsync()
    {
        while (true)
        {
            switch (_parser.Next(out var data))
            {
                case MultipartStep.Part:
                    if (!EndPart()) return HttpRejection.InvalidFieldText;
                    _part = Begin(_parser.Part!);
                    break;
                case MultipartStep.Data:
                    if (data.Length > MaxBytes(_part!) - _part!.Length)
                        return _part.IsFile ? HttpRejection.FileTooLarge : HttpRejection.FieldTooLarge;
                    await _part.AppendAsync(data);
                    break;
                case MultipartStep.Done:
                    return EndPart() ? HttpRejection.None : HttpRejection.InvalidFieldText;
                case MultipartStep.Rejected:
                    return _parser.Rejection;
                default:
                    return HttpRejection.None;
            }
        }
    }

    private FormPart Begin(PartHead head)
    {
        var inMemory = head.FileName is null ? _options.MaxFieldBytes : _options.MaxFileBytesInMemory;
        var part = new FormPart(head, new PartStore(inMemory, _options.TemporaryFolder));
        _form!.Add(part);
        return part;
    }

    private bool EndPart() => _part is null || _part.IsFile || Utf8.IsValid(_part.InMemory.Span);

    private long MaxBytes(FormPart part) => part.IsFile ? _options.MaxFileBytes : _options.MaxFieldBytes;
}
