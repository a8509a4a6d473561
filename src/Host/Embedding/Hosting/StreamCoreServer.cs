using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StreamCore.Host.Composition;
using StreamCore.Host.Configuration;
using StreamCore.Transport;
using StreamCore.Transport.Sockets;

namespace StreamCore.Host.Hosting;

/// <summary>
/// Listens with Kestrel's server on our own sockets and gives every connection to our own HTTP layer. Kestrel's HTTP is never reached:
/// the connection handler ends the pipeline. Kestrel's server is kept for its connection middleware (TLS) and its accept loops.
/// </summary>
public sealed class StreamCoreServer(
    StreamCoreOptions options, HttpConnectionHandler handler, ModelCatalog catalog, Readiness readiness, TimeProvider time,
    ILoggerFactory logs) : IHostedLifecycleService, IDisposable
{
    /// <summary>After the last answer's end: for clients to take what was sent, before connections are cut.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private ServiceProvider? _services;
    private KestrelServer? _server;
    private HttpsConnectionAdapterOptions? _tls;

    /// <summary>Where the server listens; empty before it does, and when it is embedded without a port.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>The same as texts, the Unix socket's too.</summary>
    public IReadOnlyList<string> Urls { get; private set; } = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Server is { Listen.Count: 0, UnixSocket.Length: 0 }) return;
        var log = logs.CreateLogger<StreamCoreServer>();
        var skipped = new List<string>();
        var endpoints = options.Server.Listen.Count > 0 ? Endpoints.Choose(options.Server, skipped) : [];
        foreach (var address in skipped) HostLog.AddressSkipped(log, address);

        _services = KestrelServices.Build(logs);
        var kestrel = new KestrelServerOptions { ApplicationServices = _services };
        foreach (var endpoint in endpoints)
            kestrel.Listen(endpoint, Serve(_tls));
        if (options.Server.UnixSocket is { Length: > 0 } path)
        {
            UnixSocket.Prepare(path);
            kestrel.ListenUnixSocket(path, Serve(tls: null));
        }

        _server = new KestrelServer(Options.Create(kestrel), new SocketTransport(_services.GetRequiredService<MemoryPool<byte>>()), logs);
        try
        {
            await _server.StartAsync(new NoHttpApplication(), cancellationToken);
        }
        catch (IOException fault)
        {
            throw new StartupException(fault.Message, fault);
        }

        Addresses = endpoints;
        Urls = [.. endpoints.Select(endpoint => $"{(_tls is null ? "http" : "https")}://{endpoint}"), .. UnixUrl()];
        if (options.Server.ApiKeys.Count == 0 && options.Server.Beyond() is { Length: > 0 } wider) HostLog.OpenToAll(log, wider);
        foreach (var url in Urls) HostLog.Listening(log, url);
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
        await handler.DrainAsync(giveUp.Token); // those in memory too
    }

    // The whole host's stop begins here, before any service's own.
    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.BeginDraining();
        return Task.CompletedTask;
    }

    // Before the models are loaded, which may take long.
    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken)
    {
        _tls = Certificates.Load(options.Server.Tls);
        return Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The time a stop may take, with some to spare.</summary>
    internal static TimeSpan LongestStop(ListenOptions options) =>
        TimeSpan.FromTicks(Math.Max(options.DrainNotice.Ticks, options.DrainTimeout.Ticks)) + LastWords + TimeSpan.FromSeconds(2);

    public void Dispose()
    {
        _server?.Dispose();
        _services?.Dispose();
    }

    private Action<Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions> Serve(HttpsConnectionAdapterOptions? tls) => listen =>
    {
        // Else HTTP/2 would be offered within TLS.
        listen.Protocols = HttpProtocols.Http1;
        if (tls is not null) listen.UseHttps(tls);
        listen.Run(handler.OnConnectedAsync);
    };

    private IEnumerable<string> UnixUrl() => options.Server.UnixSocket is { Length: > 0 } path ? ["unix:" + path] : [];

    /// <summary>What Kestrel asks for and never calls.</summary>
    private sealed class NoHttpApplication : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception) { }

        public Task ProcessRequestAsync(IFeatureCollection context) =>
            throw new InvalidOperationException("Every connection is handled before Kestrel's HTTP layer.");
    }
}
