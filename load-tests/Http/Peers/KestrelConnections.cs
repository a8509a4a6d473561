using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StreamCore.Transport.Sockets;

namespace StreamCore.HttpBench.Peers;

/// <summary>Raw connections of Kestrel's server, set up as Host and the server program set them up.</summary>
internal static class KestrelConnections
{
    /// <summary>Listens on a free port of the loopback, and gives that port.</summary>
    public static async Task<int> ListenAsync(Func<ConnectionContext, Task> serve)
    {
        var services = WebApplication.CreateSlimBuilder().Build().Services;
        var options = new KestrelServerOptions { ApplicationServices = services };
        options.Listen(IPAddress.Loopback, 0, listen => listen.Run(serve));
        IoThreads.ServeOnThem();
        var server = new KestrelServer(Options.Create(options), new SocketTransport(services.GetRequiredService<IMemoryPoolFactory<byte>>().Create()), NullLoggerFactory.Instance);
        await server.StartAsync(new NoHttpApplication(), default);
        return new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    /// <summary>What Kestrel asks for and never calls.</summary>
    private sealed class NoHttpApplication : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception) { }

        public Task ProcessRequestAsync(IFeatureCollection context) => throw new InvalidOperationException("Kestrel's HTTP is not used.");
    }
}
