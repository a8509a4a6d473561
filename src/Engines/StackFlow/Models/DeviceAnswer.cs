using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>Makes the pieces of one generation of what a device says: cut at end markers, counted, and with the reason of the end.</summary>
internal sealed class DeviceAnswer(SessionModel model, int promptTokens)
{
    /// <summary>A stream that ends by length loses up to two tokens, and the last delta may have fewer than three.</summary>
    private const int TokensUnseen = 3;

    private readonly EndMarkerCut _cut = new(model.EndMarkers);
    private int _tokens, _untold;

    /// <summary>The piece that is ready with this; null where there is none yet. One that has a reason to finish is the last.</summary>
    public SessionPiece? Append(string delta)
    {
        var bytes = Encoding.UTF8.GetBytes(delta);
        var tokens = model.CountDelta(bytes);
        (_tokens, _untold) = (_tokens + tokens, _untold + tokens);
        var text = _cut.Append(bytes);
        if (_cut.HasEnded) return Piece(text, FinishReason.Stop);
        return text.IsEmpty ? null : Piece(text, FinishReason.None);
    }

    /// <summary>The last piece, where the device has ended.</summary>
    public SessionPiece End() => Piece(_cut.End(), IsUsedUp() ? FinishReason.Length : FinishReason.Stop);

    /// <summary>Whether the device's own limit of prompt and answer was reached, as well as can be told: the device does not say. Context
    /// models have none: they forget.</summary>
    private bool IsUsedUp() => !model.IsContextModel && promptTokens + _tokens + TokensUnseen >= model.MaxContextTokens;

    private SessionPiece Piece(ReadOnlyMemory<byte> text, FinishReason reason)
    {
        var tokens = _untold;
        _untold = 0;
        return new SessionPiece(text, tokens, reason);
    }
}
