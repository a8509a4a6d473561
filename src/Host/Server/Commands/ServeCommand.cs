using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamCore.Host;
using StreamCore.Host.Composition;
using StreamCore.Host.Configuration;
using StreamCore.Host.Hosting;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore serve</c>: loads the models, listens, and serves until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(string[] flags)
    {
        var options = StreamCoreConfiguration.Load(flags, Environment.GetEnvironmentVariables());
        if (options.Server is { Listen.Count: 0, UnixSocket.Length: 0 })
            throw new StartupException("server.listen must name at least one address, unless there is a server.unixSocket: nobody could reach the server.");
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning)
            // A failed start is told in one line by the program.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddStreamCore(options);
        using var host = builder.Build();
        await host.StartAsync();
        Invite(host.Services.GetRequiredService<StreamCoreServer>(), host.Services.GetRequiredService<ModelCatalog>(), options.Server.ApiKeys.Count > 0);
        await host.WaitForShutdownAsync();
        return 0;
    }

    private static void Invite(StreamCoreServer server, ModelCatalog catalog, bool asksForKey)
    {
        var (url, flags) = ("http://localhost", "");
        if (server.Addresses is [var endpoint, ..])
            url = string.Create(CultureInfo.InvariantCulture, $"{new Uri(server.Urls[0]).Scheme}://localhost:{endpoint.Port}");
        else flags = " --unix-socket " + server.Urls[0]["unix:".Length..];
        if (catalog.Models.Count == 0)
        {
            Console.WriteLine($"\nStreamCore serves at {url}/v1 the models of its devices as soon as it reaches them  (Ctrl+C stops it).\n");
            return;
        }

        if (asksForKey) flags += " -H 'Authorization: Bearer YOUR_KEY'";
        Console.WriteLine($$"""

            StreamCore serves {{string.Join(", ", catalog.Models.Select(model => model.Name))}} at {{url}}/v1  (Ctrl+C stops it). Try:

            curl{{flags}} {{url}}/v1/chat/completions -H 'Content-Type: application/json' \
              -d '{"model": "{{catalog.Models[0].Name}}", "messages": [{"role": "user", "content": "What can you do?"}]}'

            """);
    }
}
