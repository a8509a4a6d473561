using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamCore.Host.Composition;
using StreamCore.Host.Configuration;
using StreamCore.Host.Endpoints;
using StreamCore.Host.Hosting;
using StreamCore.Host.Security;
using StreamCore.Scheduler;
using StreamCore.Scheduler.Loading;
using StreamCore.Transport;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host;

/// <summary>Adds StreamCore to a .NET program.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Serves models while the program's host runs; they are loaded, and the port is open, when its start has completed.</summary>
    /// <exception cref="ConfigurationException">The options are wrong; one line a mistake.</exception>
    public static IServiceCollection AddStreamCore(this IServiceCollection services, Action<StreamCoreOptions>? configure = null)
    {
        var options = new StreamCoreOptions();
        configure?.Invoke(options);
        return services.AddStreamCore(options);
    }

    /// <inheritdoc cref="AddStreamCore(IServiceCollection, Action{StreamCoreOptions}?)"/>
    public static IServiceCollection AddStreamCore(this IServiceCollection services, StreamCoreOptions options)
    {
        OptionsRules.Validate(options);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Http);
        services.AddSingleton<SchedulerMetrics>();
        services.AddSingleton(provider => new ResidentModels(
            options.Memory.Budget ?? long.MaxValue, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ResidentModels>>()));
        services.AddSingleton<DeviceModels>();
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<AnswerRunner>();
        services.AddSingleton<ChatCompletions>();
        services.AddSingleton<Completions>();
        services.AddSingleton<Models>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<Health>();
        services.AddSingleton<Cors>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Admission>();
        services.AddSingleton<IHttpApplication, StreamCoreApplication>();
        services.AddSingleton<HttpConnectionHandler>();
        services.AddSingleton<StreamCoreServer>();
        services.AddSingleton<StreamCoreHost>();
        services.PostConfigure<HostOptions>(host =>
        {
            // The host must not give up before we do.
            var longest = StreamCoreServer.LongestStop(options.Server);
            if (host.ShutdownTimeout < longest) host.ShutdownTimeout = longest;
        });
        // In this order: models first, then the port; stopped in the reverse order.
        services.AddHostedService(provider => provider.GetRequiredService<ModelCatalog>());
        services.AddHostedService(provider => provider.GetRequiredService<StreamCoreServer>());
        return services;
    }
}
