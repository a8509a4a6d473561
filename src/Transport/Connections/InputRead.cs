using System.Buffers;

namespace StreamCore.Transport.Connections;

/// <summary>What a read of the connection brought. The buffer may hold bytes even when the connection has ended.</summary>
internal readonly record struct InputRead(ReadOnlySequence<byte> Buffer, bool Ended, bool TimedOut);
