using System.Runtime.CompilerServices;
using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.TestKit;

/// <summary>
/// A session engine without a device: yields what the test's script says, which may throw. It checks that it is never given more than
/// it has places, and can be held, followed, and made deaf to cancellation.
/// </summary>
public sealed class ScriptedSession(string name, int capacity = 1) : ISessionEngine
{
    private readonly SemaphoreSlim _arrivals = new(0);
    private readonly SemaphoreSlim _permits = new(0);
    private readonly SemaphoreSlim _releases = new(0);
    private readonly Lock _lock = new();
    private readonly List<string> _started = [];
    private readonly List<string> _violations = [];
    private volatile bool _isHeld, _keepsPlaces;
    private int _capacity = capacity;
    private int _most = capacity; // the largest capacity ever: a change may cross with any number of starts
    private int _running;

    public event Action? CapacityChanged;

    public string Name { get; } = name;

    public int Capacity => Volatile.Read(ref _capacity);

    /// <summary>What it yields for a request. Runs as it is read.</summary>
    public Func<GenerationRequest, IEnumerable<SessionPiece>> Script { get; set; } = _ => [Piece("ok", finish: FinishReason.Stop)];

    public Func<GenerationRequest, bool> Can { get; set; } = _ => true;

    /// <summary>While it is held it waits on, whoever cancels.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Places taken, those that are not given back yet included.</summary>
    public int Running
    {
        get { lock (_lock) return _running; }
    }

    /// <summary>The last message of each request, in the order in which they were started.</summary>
    public IReadOnlyList<string> Started
    {
        get { lock (_lock) return [.. _started]; }
    }

    /// <summary>Broken promises, in words. Empty at the end of every good test.</summary>
    public IReadOnlyList<string> Violations
    {
        get { lock (_lock) return [.. _violations]; }
    }

    public bool HasListeners => CapacityChanged is not null;

    public static SessionPiece Piece(string text, int tokens = 1, FinishReason finish = FinishReason.None) =>
        new(Encoding.UTF8.GetBytes(text), tokens, finish);

    /// <summary>The text character by character, a token each, and then the end.</summary>
    public static IEnumerable<SessionPiece> Says(string text) =>
        [.. text.Select(character => Piece(character.ToString())), Piece("", tokens: 0, FinishReason.Stop)];

    public static IEnumerable<SessionPiece> Fails(EngineFault fault, params IEnumerable<SessionPiece> before)
    {
        foreach (var piece in before) yield return piece;
        throw new EngineException(fault);
    }

    public void SetCapacity(int capacity)
    {
        lock (_lock)
        {
            _capacity = capacity;
            _most = Math.Max(_most, capacity);
        }

        CapacityChanged?.Invoke();
    }

    /// <summary>Every piece from now on waits for <see cref="LetPiece"/>.</summary>
    public void Hold()
    {
        while (_permits.Wait(0) || _arrivals.Wait(0)) { } // left over from an Open before
        _isHeld = true;
    }

    /// <summary>Ends when a piece waits. Each waiting piece is told once.</summary>
    public Task PieceWaits(CancellationToken stop) => _arrivals.WaitAsync(stop);

    public void LetPiece() => _permits.Release();

    /// <summary>Lets everything go that waits, and all after it.</summary>
    public void Open()
    {
        _isHeld = false;
        _permits.Release(1000);
    }

    /// <summary>Places are not given back from now on until <see cref="ReturnPlaces"/>.</summary>
    public void KeepPlaces()
    {
        while (_releases.Wait(0)) { } // left over from a return before
        _keepsPlaces = true;
    }

    public void ReturnPlaces()
    {
        _keepsPlaces = false;
        _releases.Release(1000);
    }

    public bool CanRun(GenerationRequest request) => Can(request);

    public async IAsyncEnumerable<SessionPiece> RunAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Enter(request);
        try
        {
            await Task.Yield();
            foreach (var piece in Script(request))
            {
                await PassAsync(cancellation);
                var text = piece.Text.ToArray();
                yield return piece with { Text = text };
                Array.Fill(text, (byte)'!'); // nobody may look at it any more
            }
        }
        finally
        {
            if (_keepsPlaces) await _releases.WaitAsync(CancellationToken.None);
            lock (_lock) _running--;
        }
    }

    public ValueTask DisposeAsync()
    {
        _arrivals.Dispose();
        _permits.Dispose();
        _releases.Dispose();
        return default;
    }

    private void Enter(GenerationRequest request)
    {
        lock (_lock)
        {
            _running++;
            if (_running > _most) _violations.Add($"{_running} run on {_most} places");
            if (!Can(request)) _violations.Add("it was given what it cannot run");
            _started.Add(request.Session!.Messages[^1].Text);
        }
    }

    private async Task PassAsync(CancellationToken cancellation)
    {
        if (!IsDeaf) cancellation.ThrowIfCancellationRequested();
        if (!_isHeld) return;
        _arrivals.Release();
        await _permits.WaitAsync(IsDeaf ? CancellationToken.None : cancellation);
    }
}
