using System.Diagnostics;
using System.Globalization;
using StreamCore.LoadTests.Client;

namespace StreamCore.LoadTests.Report;

/// <summary>Shows what goes on: one line that is written over, or a plain line every few seconds where the output is not a terminal.</summary>
internal sealed class ProgressLine : IAsyncDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(5);

    private readonly string _what;
    private readonly LiveCounts _live;
    private readonly PeriodicTimer _timer = new(Console.IsErrorRedirected ? Elsewhere : OnTerminal);
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Task _showing;
    private volatile string _stage = "";

    public ProgressLine(string what, LiveCounts live)
    {
        (_what, _live) = (what, live);
        _showing = ShowAsync();
    }

    public void Enter(string stage) => _stage = stage;

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _showing;
        Show(0);
        if (!Console.IsErrorRedirected) await Console.Error.WriteLineAsync();
    }

    private async Task ShowAsync()
    {
        var (tokens, at) = (0L, _start);
        while (await _timer.WaitForNextTickAsync())
        {
            var (seen, now) = (_live.Tokens, Stopwatch.GetTimestamp());
            Show((seen - tokens) / Stopwatch.GetElapsedTime(at, now).TotalSeconds);
            (tokens, at) = (seen, now);
        }
    }

    private void Show(double rate)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{_what}, {_stage}: {_live.Running} running, {_live.Done} done, {_live.Failed} failed, {rate:0} pieces/s, {Stopwatch.GetElapsedTime(_start).TotalSeconds:0} s");
        if (Console.IsErrorRedirected) Console.Error.WriteLine(line);
        else Console.Error.Write($"\r{line}\u001b[K");
    }
}
