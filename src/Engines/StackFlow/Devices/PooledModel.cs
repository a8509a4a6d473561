using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>A model on one device, as its tasks are shared out. Guarded by the device's <see cref="TaskPool"/>.</summary>
internal sealed class PooledModel(string name, UnitKind unit, Breaker breaker)
{
    private volatile int _capacity;

    /// <summary>The device's name for it.</summary>
    public string Name { get; } = name;

    public UnitKind Unit { get; } = unit;

    public Breaker Breaker { get; } = breaker;

    /// <summary>Most tasks of it.</summary>
    public int PoolSize { get; set; }

    /// <summary>NPU memory of a task, in bytes; 0 where nothing is known.</summary>
    public long Memory { get; set; }

    /// <summary>How <see cref="Memory"/> is known.</summary>
    public MemoryBasis MemoryBasis { get; set; }

    /// <summary>Whether the device has it, as far as is known.</summary>
    public bool IsInstalled { get; set; }

    /// <summary>Tasks that it can have now, running ones included. Read from any thread.</summary>
    public int Capacity => _capacity;

    /// <summary>From any thread, without a lock held.</summary>
    public event Action? CapacityChanged;

    /// <summary>True when it is another than before.</summary>
    public bool Update(int capacity)
    {
        if (_capacity == capacity) return false;
        _capacity = capacity;
        return true;
    }

    public void Publish() => CapacityChanged?.Invoke();
}

/// <summary>How it is known what memory a task takes.</summary>
internal enum MemoryBasis
{
    /// <summary>It was told, or seen when a task was set up.</summary>
    Known = 0,

    /// <summary>Guessed by the name, which only decides what is tried first.</summary>
    Guess,

    /// <summary>The model could not be loaded with less while other tasks of ours had memory: they make room.</summary>
    AtLeast,

    /// <summary>The model could not be loaded while no task of ours had memory: room would not help.</summary>
    TooMuch,
}
