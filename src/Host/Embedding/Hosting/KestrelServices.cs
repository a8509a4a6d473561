using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StreamCore.Host.Hosting;

/// <summary>
/// The services that Kestrel's TLS asks for, and its pool of memory. Some are internal to Kestrel and are registered only through a web
/// host builder, so this is as much of one as that takes.
/// </summary>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly ServiceCollection _services = new();

    private KestrelServices() { }

    public static ServiceProvider Build(ILoggerFactory logs)
    {
        var builder = new KestrelServices();
        builder.UseKestrelCore();
        return builder._services.AddMetrics().AddSingleton(logs).AddLogging()
            .AddSingleton(services => services.GetRequiredService<IMemoryPoolFactory<byte>>().Create())
            .BuildServiceProvider();
    }

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(_services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
    {
        configureServices(new WebHostBuilderContext(), _services);
        return this;
    }

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => this;

#pragma warning disable ASPDEPR008 // obsolete, but the interface names it
    public IWebHost Build() => throw new NotSupportedException("There is no web host here.");
#pragma warning restore ASPDEPR008
}
