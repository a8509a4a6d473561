using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Protocol.Templating;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A model on an engine that says what the test tells it to.</summary>
internal static class ScriptedModel
{
    /// <summary>Adds it to a server's models, not loaded.</summary>
    /// <param name="engine">Called when it is loaded, each time it is.</param>
    public static ServedModel Add(
        IServiceProvider services, string name, Func<ScriptedEngine> engine, string template = ScriptedServer.Template,
        ITokenizer? tokenizer = null, SchedulerOptions? scheduler = null, long bytes = 0, TimeSpan? keepAlive = null)
    {
        Assert.True(ChatTemplate.TryCompile(template, out var compiled, out var error), error);
        var syntax = PromptApi.DetectToolSyntax(compiled);
        var marked = MarkupTokenizer.Over(tokenizer ?? new ScriptedTokenizer(), PromptApi.Markers(syntax));
        var resident = services.GetRequiredService<ResidentModels>().Add(new ResidentOptions
        {
            Name = name,
            Bytes = bytes,
            KeepAlive = keepAlive,
            Load = () =>
            {
                var scripted = engine();
                return new EngineInstance(scripted, new GenerationScheduler(
                    scripted, marked, scheduler ?? new SchedulerOptions(), services.GetRequiredService<SchedulerMetrics>(), TimeProvider.System,
                    NullLogger.Instance, name));
            },
        });
        var model = new TokenModel(Limits, resident)
        {
            Name = name,
            Created = DateTimeOffset.UnixEpoch,
            Fingerprint = "fp_scripted",
            Tokenizer = marked,
            Prompts = new PromptModel(name, compiled, "<s>", "<|end|>", syntax),
            BeginToken = null,
            EndTokens = [ScriptedTokenizer.EndToken],
            ComesAndGoes = bytes > 0,
        };
        services.GetRequiredService<ModelCatalog>().Add(model);
        return model;
    }

    public static ScriptedEngine Engine() => new(vocabularySize: 300);

    private static BatchEngineLimits Limits { get; } = Engine().Limits;
}
