using StreamCore.Protocol;

namespace StreamCore.Scheduler.Sessions;

/// <summary>What a session engine yields.</summary>
/// <param name="Text">UTF-8; characters may be cut between pieces. Valid until the next piece.</param>
/// <param name="Tokens">Tokens it took, as well as the engine can tell.</param>
/// <param name="FinishReason">Set in the last piece: the model ended, or the engine's own limit was reached.</param>
public readonly record struct SessionPiece(ReadOnlyMemory<byte> Text, int Tokens, FinishReason FinishReason = FinishReason.None);
