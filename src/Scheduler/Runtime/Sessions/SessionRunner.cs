using StreamCore.Protocol;

namespace StreamCore.Scheduler.Sessions;

/// <summary>Runs a generation on a member: hands its pieces to the slot until one of them has enough, and disposes the enumerator.</summary>
/// <param name="freed">Called when the member's place is free again, however long that takes.</param>
internal sealed class SessionRunner(SessionLedger ledger, Action<SessionMember> freed)
{
    private static readonly EngineFault Unknown = new("The engine failed.", MayRetry: false);
    private static readonly EngineFault NoEnd = new("The engine ended the answer without a reason.", MayRetry: true);

    /// <summary>Never faults. Whoever calls it is not kept.</summary>
    public async Task RunAsync(SessionSlot slot, SessionMember member, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        IAsyncEnumerator<SessionPiece>? pieces = null;
        try
        {
            if (slot.MaxTokens > 0)
            {
                pieces = member.Engine.RunAsync(slot.Request, cancellation).GetAsyncEnumerator(cancellation);
                await ReadAsync(slot, pieces).ConfigureAwait(false);
            }
            else slot.Finish(FinishReason.Length);
        }
        catch (Exception exception)
        {
            slot.Fail(exception, (exception as EngineException)?.Fault ?? Unknown);
        }

        try
        {
            if (pieces is not null) await pieces.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ledger.ReleaseFailed(exception, member, slot.Generation);
        }

        freed(member);
    }

    private static async Task ReadAsync(SessionSlot slot, IAsyncEnumerator<SessionPiece> pieces)
    {
        while (await pieces.MoveNextAsync().ConfigureAwait(false))
        {
            if (!slot.TryTake(pieces.Current)) return;
        }

        throw new EngineException(NoEnd);
    }
}
