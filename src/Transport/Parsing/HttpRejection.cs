namespace StreamCore.Transport.Parsing;

/// <summary>Every reason for which Transport itself refuses a request. <see cref="RejectionTable"/> gives status and text.</summary>
public enum HttpRejection
{
    /// <summary>Not refused.</summary>
    None,

    // The request line.
    BareLineFeed,
    MalformedRequestLine,
    InvalidMethod,
    InvalidTarget,
    InvalidPathEncoding,
    TargetTooLong,
    ConnectNotSupported,
    MalformedVersion,
    UnsupportedVersion,

    // The fields.
    FoldedHeader,
    InvalidHeaderName,
    InvalidHeaderValue,
    HeadTooLarge,
    TooManyHeaders,
    HeadCutShort,
    HeadTimeout,

    // What the fields say about the message.
    MissingHost,
    DuplicateHost,
    InvalidHost,
    InvalidContentLength,
    DuplicateContentLength,
    LengthAndTransferEncoding,
    LengthRequired,
    TransferEncodingInHttp10,
    InvalidTransferEncoding,
    UnknownTransferCoding,
    UnknownExpectation,

    // The body.
    BodyTooLarge,
    BodyCutShort,
    BodyTimeout,
    InvalidChunkSize,
    InvalidChunkExtension,
    ChunkLineTooLong,
    MissingChunkEnd,
    InvalidTrailer,
    TrailersTooLarge,

    // A form in the body.
    NotAForm,
    InvalidBoundary,
    MalformedForm,
    FormCutShort,
    InvalidPartHead,
    PartEncodingNotSupported,
    InvalidFieldText,
    PartHeadTooLarge,
    TooManyParts,
    FieldTooLarge,
    FileTooLarge,

    // The load.
    TooManyConnections,
    TooManyConnectionsFromAddress,
    TooManyRequests,

    // The application.
    ApplicationFailed,
    ApplicationGaveNoAnswer,
}
