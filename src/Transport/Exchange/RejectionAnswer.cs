using System.Globalization;
using StreamCore.Transport.Parsing;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Exchange;

/// <summary>An answer that Transport gives by itself, to be put into words by the application.</summary>
public sealed class RejectionAnswer
{
    internal RejectionAnswer(HttpRejection rejection, RequestHead? request, string requestId, ResponseHeaders headers)
    {
        Rejection = rejection;
        (Status, Message) = RejectionTable.Answer(rejection);
        Request = request;
        RequestId = requestId;
        Headers = headers;
        if (RejectionTable.RetryAfterSeconds(rejection) is { } seconds) headers.Add("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
    }

    public HttpRejection Rejection { get; }

    public int Status { get; }

    public string Message { get; }

    /// <summary>The request, if its head could be read.</summary>
    public RequestHead? Request { get; }

    public string RequestId { get; }

    public ResponseHeaders Headers { get; }
}
