using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StreamCore.Host.Composition;
using StreamCore.Host.Configuration;
using StreamCore.Transport;

namespace StreamCore.Host.Hosting;

/// <summary>
/// Listens with Kestrel's sockets and gives every connection to our own HTTP layer. Kestrel's HTTP is never reached: the connection
/// handler ends the pipeline. Kestrel's server is kept for its connection middleware (TLS) and its listeners.
/// </summary>
public sealed class StreamCoreServer(
    StreamCoreOptions options, HttpConnectionHandler handler, ModelCatalog catalog, Readiness readiness, TimeProvider time,
    IServiceProvider services, ILoggerFactory logs) : IHostedLifecycleService, IDisposable
{
    /// <summary>After the last answer's end: for clients to take what was sent, before connections are cut.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private KestrelServer? _server;

    /// <summary>Where the server listens; empty before it does.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var log = logs.CreateLogger<StreamCoreServer>();
        var skipped = new List<string>();
        var endpoints = Endpoints.Choose(options.Server, skipped);
        foreach (var address in skipped) HostLog.AddressSkipped(log, address);

        var kestrel = new KestrelServerOptions { ApplicationServices = services };
        foreach (var endpoint in endpoints)
            kestrel.Listen(endpoint, listen => listen.Run(handler.OnConnectedAsync));
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { NoDelay = true }), logs);
        _server = new KestrelServer(Options.Create(kestrel), transport, logs);
        try
        {
            await _server.StartAsync(new NoHttpApplication(), cancellationToken);
        }
        catch (IOException fault)
        {
            throw new StartupException(fault.Message, fault);
        }

        Addresses = endpoints;
        if (options.Server.ApiKeys.Count == 0 && options.Server.Beyond() is { Length: > 0 } wider) HostLog.OpenToAll(log, wider);
        foreach (var endpoint in endpoints) HostLog.Listening(log, endpoint);
    }

    /// <summary>
    /// Stops so that no client is left with half an answer. The port stays open until the last answer has ended, so that new
    /// requests are told to go elsewhere instead of finding nobody.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // 1. Balancers see it, and new requests are refused.
        readiness.BeginDraining();
        var notice = Task.Delay(options.Server.DrainNotice, time, cancellationToken);

        // 2. Running answers end by themselves, or at the deadline with an error event.
        using var late = new CancellationTokenSource(options.Server.DrainTimeout, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        await catalog.StopAsync(deadline.Token);
        await notice.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // 3. The port closes; connections end after the answer in hand, and are cut in the end.
        using var lastWords = new CancellationTokenSource(LastWords, time);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(lastWords.Token, cancellationToken);
        if (_server is not null) await _server.StopAsync(giveUp.Token);
    }

    // The whole host's stop begins here, before any service's own.
    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BeginDraining();
        return Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The time a stop may take, with some to spare.</summary>
    internal static TimeSpan LongestStop(ListenOptions options) =>
        TimeSpan.FromTicks(Math.Max(options.DrainNotice.Ticks, options.DrainTimeout.Ticks)) + LastWords + TimeSpan.FromSeconds(2);

    public void Dispose() => _server?.Dispose();

    /// <summary>What Kestrel asks for and never calls.</summary>
    private sealed class NoHttpApplication : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception) { }

        public Task ProcessRequestAsync(IFeatureCollection context) =>
            throw new InvalidOperationException("Every connection is handled before Kestrel's HTTP layer.");
    }
}
