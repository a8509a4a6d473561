using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Bodies;

/// <summary>Thrown by the stream of a body that was refused; if the application lets it pass, Transport answers it.</summary>
public sealed class HttpRejectedException(HttpRejection rejection) : IOException(RejectionTable.Answer(rejection).Message)
{
    public HttpRejection Rejection { get; } = rejection;
}
