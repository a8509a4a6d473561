using StreamCore.LoadTests.Client;
using StreamCore.LoadTests.Measures;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Servers;

/// <summary>A server to measure, which the driver may have to start.</summary>
internal abstract class Target
{
    /// <summary>What reports call it.</summary>
    public required string Name { get; init; }

    /// <summary>A key that it wants, or null.</summary>
    public string? Key { get; init; }

    public abstract Task<RunningServer> StartAsync(Scenario scenario);

    /// <summary>Starts a program, and ends it again if it does not tell its model.</summary>
    protected async Task<RunningServer> StartAsync(string program, IEnumerable<string> arguments, Uri url, Func<ListedModel, string> format)
    {
        var process = await ServerProcess.StartAsync(program, arguments, url);
        try
        {
            var listed = await ServerQuestions.FirstModelAsync(url, Key);
            return new(url, listed.Id, format(listed), process);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }
}

/// <summary>A server that answers.</summary>
/// <param name="Format">Of its weights, as far as that is known.</param>
/// <param name="Process">Null when it was running before.</param>
internal sealed record RunningServer(Uri Url, string Model, string Format, ServerProcess? Process) : IAsyncDisposable
{
    public ServerUse? Use => Process?.Use;

    public ValueTask DisposeAsync() => Process?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>A server that runs already.</summary>
/// <param name="model">The model to ask for; null takes the first that the server lists.</param>
internal sealed class UrlTarget(Uri url, string? model) : Target
{
    public override async Task<RunningServer> StartAsync(Scenario scenario)
    {
        var listed = model is null ? await ServerQuestions.FirstModelAsync(url, Key) : new(model, null);
        return new(url, listed.Id, listed.Format is { } format ? $"{listed.Id}, {format}" : listed.Id, null);
    }
}
