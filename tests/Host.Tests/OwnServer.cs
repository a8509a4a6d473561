using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamCore.Host.Hosting;

namespace StreamCore.Host.Tests;

/// <summary>A server of one test's own, for what the shared one must not be put through.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private readonly IHost _host;
    private Task? _stopped;

    private OwnServer(IHost host, string scheme)
    {
        _host = host;
        if (host.Services.GetRequiredService<StreamCoreServer>().Addresses is [var endpoint, ..])
            Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{endpoint}/"));
    }

    /// <summary>Ends with a slash, without <c>v1</c>.</summary>
    public Uri Address { get; } = new("http://nowhere.invalid");

    public IServiceProvider Services => _host.Services;

    public static async Task<OwnServer> StartAsync(
        CancellationToken stop, Action<StreamCoreOptions>? configure = null, TimeProvider? time = null, string scheme = "http")
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (time is not null) builder.Services.AddSingleton(time);
        builder.Services.AddStreamCore(options =>
        {
            options.Server.Listen = [IPAddress.Loopback.ToString()];
            options.Server.Port = 0;
            configure?.Invoke(options);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(stop);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new OwnServer(host, scheme);
    }

    public HttpClient Client() => Recording.Client(Address);

    /// <summary>Begins the stop, as SIGTERM would; done when everything has stopped.</summary>
    public Task StopAsync() => _stopped ??= _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _host.Dispose();
    }
}
