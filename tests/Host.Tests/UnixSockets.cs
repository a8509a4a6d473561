using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using StreamCore.Host.Configuration;
using StreamCore.Host.Hosting;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A Unix socket beside TCP or instead of it.</summary>
public sealed class UnixSockets : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sc-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder, "s");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_serves_without_tcp_and_is_gone_after_the_stop()
    {
        await using (var server = await StartAsync(tcp: false))
        {
            Assert.Empty(server.Services.GetRequiredService<StreamCoreServer>().Addresses);
            using var http = Client();
            Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync("health", Stop));
            var events = await RawHttp.StreamAsync(http, "v1/chat/completions", RawHttp.Chat("Hello!", 4, stream: true), Stop);
            Assert.Equal("[DONE]", events[^1]);
        }

        Assert.False(Path.Exists(SocketPath));
    }

    [Fact]
    public async Task It_serves_beside_tcp()
    {
        await using var server = await StartAsync(tcp: true);
        using var unix = Client();
        using var tcp = server.Client();
        Assert.Equal(await unix.GetStringAsync("v1/models", Stop), await tcp.GetStringAsync("v1/models", Stop));
    }

    [Fact]
    public async Task A_file_left_behind_is_replaced()
    {
        // Bound by another name, which is where .NET deletes it.
        var bound = Path.Combine(_folder, "b");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(bound));
            File.Move(bound, SocketPath);
        }

        Assert.True(Path.Exists(SocketPath));
        await using var server = await StartAsync(tcp: false);
        using var http = Client();
        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync("health", Stop));
    }

    [Fact]
    public async Task A_socket_in_use_is_left_alone()
    {
        await using var first = await StartAsync(tcp: false);
        var fault = await Assert.ThrowsAsync<StartupException>(() => StartAsync(tcp: false));
        Assert.Contains("another program listens", fault.Message, StringComparison.Ordinal);
        using var http = Client();
        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync("health", Stop));
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_left_alone()
    {
        await File.WriteAllTextAsync(SocketPath, "", Stop);
        var fault = await Assert.ThrowsAsync<StartupException>(() => StartAsync(tcp: false));
        Assert.Contains("is not a socket", fault.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("server:\n  listen: []\n  unixSocket: /run/s\n")]
    [InlineData("server:\n  listen: []\n")]
    public void An_empty_list_in_the_file_means_no_tcp(string yaml)
    {
        var settings = new List<Setting>();
        var mistakes = new List<string>();
        var options = new StreamCoreOptions();
        YamlSettings.Read(yaml, "streamcore.yaml", settings, mistakes);
        SettingsBinder.Bind(options, settings, mistakes);
        OptionsRules.Check(options, mistakes);
        Assert.Empty(options.Server.Listen);
        Assert.Empty(mistakes);
    }

    private HttpClient Client()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return Recording.Client(new Uri("http://localhost/"), handler);
    }

    private Task<OwnServer> StartAsync(bool tcp) => OwnServer.StartAsync(Stop, options =>
    {
        if (!tcp) options.Server.Listen = [];
        options.Server.UnixSocket = SocketPath;
    });
}
