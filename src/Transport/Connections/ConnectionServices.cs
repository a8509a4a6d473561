using Microsoft.Extensions.Logging;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Writing;

namespace StreamCore.Transport.Connections;

/// <summary>What all connections of a handler share.</summary>
internal sealed record ConnectionServices(
    IHttpApplication Application, TransportOptions Options, TimeProvider Time, DateHeader Date, RequestsInFlight InFlight, ILogger Log);
