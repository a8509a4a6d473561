using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StreamCore.Transport;

namespace StreamCore.Host.Hosting;

/// <summary>
/// Listens with Kestrel's sockets and gives every connection to our own HTTP layer. Kestrel's HTTP is never reached: the connection
/// handler ends the pipeline. Kestrel's server is kept for its connection middleware (TLS) and its listeners.
/// </summary>
public sealed class StreamCoreServer(
    StreamCoreOptions options, HttpConnectionHandler handler, IServiceProvider services, ILoggerFactory logs) : IHostedService, IDisposable
{
    private KestrelServer? _server;

    /// <summary>Where the server listens; empty before it does, and when it is embedded without a port.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Server.Listen.Count == 0) return;
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
        foreach (var endpoint in endpoints) HostLog.Listening(log, endpoint);
    }

    /// <summary>Ends connections after the answers in hand, those in memory too; what the drain timeout leaves is cut off.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(options.Server.DrainTimeout);
        if (_server is not null) await _server.StopAsync(giveUp.Token);
        await handler.DrainAsync(giveUp.Token);
    }

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
