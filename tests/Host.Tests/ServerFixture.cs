using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StreamCore.Engines.Models;
using StreamCore.Host.Hosting;
using StreamCore.Host.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(ServerFixture))]

namespace StreamCore.Host.Tests;

/// <summary>One real server for all tests: the built-in model on a free loopback port, embedded as any .NET program would.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public const string Model = "streamcore-demo";

    /// <summary>A random-weight model: what it says is noise, and it seldom ends by itself.</summary>
    public const string Noise = "noise";

    private readonly string _noise = Path.Combine(Path.GetTempPath(), $"streamcore-noise-{Guid.NewGuid():N}");
    private IHost? _host;

    /// <summary>Ends with a slash, without <c>v1</c>.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public async ValueTask InitializeAsync()
    {
        RandomModel.Write(_noise, "llama-tiny", 1);
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddStreamCore(options =>
        {
            options.Server.Listen = ["127.0.0.1"];
            options.Server.Port = 0;
            options.Models = [new() { Name = Model }, new() { Name = Noise, Path = _noise, Weights = "float32" }];
        });
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
        var endpoint = _host.Services.GetRequiredService<StreamCoreServer>().Addresses[0];
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{endpoint}/"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null) return;
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_noise, recursive: true);
    }
}
