using Microsoft.Extensions.Logging;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>
/// One inference of a task: its requests, its watchdogs, its second try and its end.
/// <code>
///          .--------------------- tried again, once ---------------------.
///          v                                                             |
///       Sending --> Waiting --first part--> Receiving --end--> Ended     |
///                      |                        |                        |
///                      '--- silent, error, or nobody reads on -> Stopping
/// </code>
/// Nothing of it may reach a later inference of the task. So the task is used again only when this one's end was seen, and, where it was
/// stopped, a control call has come back after that: a pause that is still under way would stop the next one.
/// </summary>
internal sealed class Inference(
    DeviceConnection connection, string workId, UnitKind unit, IReadOnlyList<InferenceRequest> requests, DeviceTimeouts timeouts, Func<bool> isUnitLoading,
    ILogger logger)
    : IDisposable
{
    private readonly AnswerReader _answer = new(connection.DeviceName, unit);
    private Exchange? _exchange;
    private bool _isSecondTry;
    private bool _isOver;

    // The device may yet begin, or be keeping images of, an inference of which no end was seen.
    private bool _isDoubtful;

    private bool _wasSilent;

    // The task or its connection is not there any more.
    private bool _isLost;

    /// <summary>The next part; null at the end.</summary>
    /// <exception cref="DeviceException">It failed.</exception>
    public async ValueTask<UnitDelta?> NextAsync(CancellationToken cancellation)
    {
        while (!_isOver)
        {
            try
            {
                if (_exchange is null) await SendAsync(cancellation);
                if (await ReadAsync(cancellation) is { } delta) return delta;
            }
            catch (DeviceException fault) when (fault.Fault == DeviceFault.Silent && !_isSecondTry && !_answer.HasContent)
            {
                if (!await TryPrepareAgainAsync(cancellation)) throw fault.Having(received: false);
            }
            catch (DeviceException fault)
            {
                _isLost |= fault.Fault is DeviceFault.TaskGone or DeviceFault.UnitMissing or DeviceFault.ConnectionLost;
                throw fault.Having(_answer.HasContent);
            }
        }
        return null;
    }

    /// <summary>Brings it to its end, wherever it is. True when the task can take another.</summary>
    public async ValueTask<bool> EndAsync()
    {
        if (_isLost) return false;
        if (_exchange is null or { SentCount: 0 }) return !_isDoubtful;
        // Its end is told by nothing, and such a task hears on from one inference to the next.
        if (!_isOver && unit.Ending == AnswerEnding.Quiet) return false;
        // What cannot be stopped is left to end, unless it has been waited for already.
        if (!_isOver) await StopAsync(unit.CanPause || _wasSilent ? timeouts.Stop : timeouts.FirstDelta, CancellationToken.None);
        return _isOver && !_isDoubtful && !_isLost;
    }

    public void Dispose() => _exchange?.Dispose();

    private async Task SendAsync(CancellationToken cancellation)
    {
        _exchange = connection.Infer(workId);
        foreach (var request in requests) await _exchange.SendAsync("inference", request.Object, request.Data, timeouts.Control, cancellation);
    }

    /// <summary>The part in the next reply, if there is one.</summary>
    private async ValueTask<UnitDelta?> ReadAsync(CancellationToken cancellation)
    {
        if (await _exchange!.TryNextAsync(Patience, cancellation) is { } reply)
        {
            var delta = _answer.Read(reply, out _isOver);
            // An end without any text may be that of the first try.
            if (_isOver && _isDoubtful && !_answer.HasContent) throw Silence();
            return delta;
        }
        _isOver = _answer.EndsQuietly;
        _wasSilent = !_isOver;
        return _isOver ? null : throw Silence();
    }

    private TimeSpan Patience => _answer.EndsQuietly ? timeouts.Quiet : _answer.HasContent ? timeouts.NextDelta : timeouts.FirstDelta;

    private DeviceException Silence() => new(
        DeviceFault.Silent,
        $"{connection.DeviceName}: {workId} {(_answer.HasContent ? "stopped in its answer" : "did not answer")}; nothing for {Patience.TotalSeconds:0.#} s.")
    {
        IsSilentTwice = _isSecondTry && !_answer.HasContent,
    };

    /// <summary>False when the task is no good for it.</summary>
    private async Task<bool> TryPrepareAgainAsync(CancellationToken cancellation)
    {
        await StopAsync(timeouts.Stop, cancellation);
        if (_isLost) return false;
        Log.TriedAgain(logger, connection.DeviceName, workId);
        // Without an end seen, the first one was lost, or is stuck before its beginning.
        _isDoubtful = !_isOver;
        _isOver = false;
        _isSecondTry = true;
        _exchange!.Dispose();
        _exchange = null;
        return true;
    }

    /// <summary>Stops it, if it runs, and proves by a control call that the task is there and idle.</summary>
    private async Task StopAsync(TimeSpan within, CancellationToken cancellation)
    {
        // Pauses and other control calls of a unit wait behind its setups.
        var behind = isUnitLoading() ? timeouts.Setup : TimeSpan.Zero;
        try
        {
            _isDoubtful |= _exchange!.SentCount < requests.Count;
            using var pauses = connection.Call(workId);
            var until = After(within + behind);
            while (!_isOver && Left(until) is { Ticks: > 0 } left)
            {
                if (unit.CanPause) await pauses.SendAsync("pause", "None", RequestData.None, timeouts.Control, cancellation);
                await PassOverAsync(unit.CanPause && timeouts.PauseInterval < left ? timeouts.PauseInterval : left, cancellation);
            }
            _isLost |= !_isOver && unit.CanPause && !pauses.HasReplies
                || !await TaskCalls.IsThereAsync(connection, workId, timeouts.Stop + behind, cancellation);
        }
        catch (DeviceException)
        {
            _isLost = true;
        }
    }

    /// <summary>Lets what still comes fall, until the end or for so long.</summary>
    private async Task PassOverAsync(TimeSpan within, CancellationToken cancellation)
    {
        var until = After(within);
        while (!_isOver && await _exchange!.TryNextAsync(Left(until), cancellation) is { } reply) _isOver = AnswerReader.IsEnd(unit, reply);
    }

    private long After(TimeSpan wait) => connection.Time.GetTimestamp() + (long)(wait.TotalSeconds * connection.Time.TimestampFrequency);

    private TimeSpan Left(long until) => connection.Time.GetElapsedTime(connection.Time.GetTimestamp(), until);
}
