using System.Diagnostics.CodeAnalysis;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Multipart;

/// <summary>A form that was read whole, for the caller to dispose, or why there is none.</summary>
public readonly record struct MultipartContent(MultipartForm? Form, HttpRejection Rejection)
{
    [MemberNotNullWhen(false, nameof(Form))]
    public bool IsRejected => Form is null;
}
