namespace StreamCore.Transport.Parsing;

internal enum ParseStatus
{
    NeedMore,
    Done,
    Rejected,
}
