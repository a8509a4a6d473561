using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace StreamCore.Scheduler.Sessions;

/// <summary>
/// Runs generations on a pool of session engines: accepts them or says why not, and gives each to the least busy member that can
/// run it. Safe for many threads. The members stay the caller's, who disposes them after this.
/// </summary>
public sealed class SessionScheduler : IGenerationScheduler
{
    /// <param name="members">Those there are at first; <see cref="Add"/> and <see cref="Remove"/> change them.</param>
    /// <param name="name">Names the pool in metrics and logs.</param>
    public SessionScheduler(
        IEnumerable<ISessionEngine> members, SessionSchedulerOptions options, SchedulerMetrics metrics, TimeProvider time, ILogger logger, string name) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public int MaxSequenceTokens => throw new NotImplementedException();

    /// <inheritdoc/>
    public SchedulerProgress Progress => throw new NotImplementedException();

    /// <summary>Adds a member, if it is not one already.</summary>
    public void Add(ISessionEngine member) => throw new NotImplementedException();

    /// <summary>Gives a member nothing more to run. What it runs goes on.</summary>
    public void Remove(ISessionEngine member) => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool TrySubmit(GenerationRequest request, [NotNullWhen(true)] out Generation? generation, out Refusal refusal) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken abort) => throw new NotImplementedException();

    /// <summary>Stops at once; what runs is cancelled.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
