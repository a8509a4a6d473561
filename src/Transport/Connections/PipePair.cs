using System.IO.Pipelines;

namespace StreamCore.Transport.Connections;

/// <summary>The server's side of a connection.</summary>
internal sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;
