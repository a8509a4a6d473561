using System.Text;
using Microsoft.Extensions.Logging;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// Remembers, past a crash, which tasks on the devices are ours. A task is known by its tag, a random word that its setup puts into
/// its response format and that the device tells again: work ids start over with the device, tags do not.
/// <para>A file of lines, appended and flushed before a setup is sent and when its work id is known; whoever opens it holds it
/// alone, for another server's tasks are not leftovers.</para>
/// <code>
/// + tag unit device      a setup is about to be sent
/// = tag work-id          it has succeeded
/// - tag                  the task is gone
/// </code>
/// </summary>
internal sealed class TaskJournal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JournalEntry> _entries = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private FileStream? _file;

    private TaskJournal(ILogger logger) => _logger = logger;

    /// <summary>Entries that an earlier run left.</summary>
    public IReadOnlyList<JournalEntry> Leftovers { get; private set; } = [];

    /// <param name="path">Empty for none. A file that cannot be had is logged, and does without.</param>
    public static TaskJournal Open(string path, ILogger logger)
    {
        var journal = new TaskJournal(logger);
        if (path.Length == 0) return journal;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            journal._file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            journal.Read();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NoJournal(logger, path, fault.Message);
            journal._file?.Dispose();
            journal._file = null;
        }

        return journal;
    }

    /// <summary>Before the setup of a task is sent.</summary>
    public void Begin(JournalEntry entry)
    {
        lock (_gate)
        {
            _entries[entry.Tag] = entry;
            Append(Begun(entry));
        }
    }

    /// <summary>Before the task is used.</summary>
    public void Name(string tag, string workId)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(tag, out var entry)) return;
            _entries[tag] = entry = entry with { WorkId = workId };
            Append(Named(entry));
        }
    }

    /// <summary>The task is gone from the device, or is not ours.</summary>
    public void End(string tag)
    {
        lock (_gate)
        {
            if (!_entries.Remove(tag)) return;
            Append($"- {tag}");
            if (_entries.Count == 0) _file?.SetLength(0);
        }
    }

    /// <summary>Whether a response format has a tag of ours.</summary>
    public bool Knows(string format)
    {
        lock (_gate) return _entries.Keys.Any(tag => format.Contains(tag, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Read()
    {
        var bytes = new byte[_file!.Length];
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf((byte)'\n') + 1); // a crash may have cut the last line
        foreach (var line in Encoding.UTF8.GetString(whole).Split('\n'))
        {
            switch (line.Split(' '))
            {
                case ["+", var tag, var unit, var device]: _entries[tag] = new JournalEntry(tag, unit, device); break;
                case ["=", var tag, var id] when _entries.TryGetValue(tag, out var entry): _entries[tag] = entry with { WorkId = id }; break;
                case ["-", var tag]: _entries.Remove(tag); break;
            }
        }

        Leftovers = [.. _entries.Values];
        _file.SetLength(0);
        foreach (var entry in Leftovers)
        {
            Append(Begun(entry));
            if (entry.WorkId.Length > 0) Append(Named(entry));
        }
    }

    private static string Begun(JournalEntry entry) => $"+ {entry.Tag} {entry.Unit} {entry.Device}";

    private static string Named(JournalEntry entry) => $"= {entry.Tag} {entry.WorkId}";

    private void Append(string line)
    {
        if (_file is null) return;
        try
        {
            _file.Seek(0, SeekOrigin.End);
            _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException fault)
        {
            Log.NoJournal(_logger, _file.Name, fault.Message);
            _file.Dispose();
            _file = null;
        }
    }
}

/// <summary>One of our tasks on a device.</summary>
/// <param name="WorkId">Empty while its setup has not been answered.</param>
internal sealed record JournalEntry(string Tag, string Unit, string Device, string WorkId = "");
