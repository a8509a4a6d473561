namespace StreamCore.Transport.Multipart;

/// <summary>What <see cref="MultipartParser.Next"/> found.</summary>
internal enum MultipartStep
{
    NeedMore,
    Part,
    Data,
    Done,
    Rejected,
}
