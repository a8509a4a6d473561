using System.Net;

namespace StreamCore.Transport.Exchange;

/// <summary>Who is at the other end of a connection. No end points when there is no network in between.</summary>
public readonly record struct PeerInfo(EndPoint? Remote, EndPoint? Local, bool IsTls);
