using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A client that goes away gives its slot back while the others go on.</summary>
public class Disconnects(ServerFixture server)
{
    [Fact]
    public async Task Killing_a_client_in_mid_stream_frees_its_slot_while_the_others_go_on()
    {
        var stop = TestContext.Current.CancellationToken;
        var freed = new TaskCompletionSource();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "streamcore.slots.freed") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => freed.TrySetResult());
        listener.Start();

        using var http = Recording.Client(server.Address);
        var alone = await RawHttp.WholeAsync(http, Story(3), stop);

        // Otherwise the client reads on for two seconds to keep the connection, which may be all of the answer.
        using var client = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0, ResponseDrainTimeout = TimeSpan.Zero })
        {
            BaseAddress = server.Address,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(Endless()) };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
        response.EnsureSuccessStatusCode();
        Assert.StartsWith("data: ", await reader.ReadLineAsync(stop), StringComparison.Ordinal);
        var other = RawHttp.WholeAsync(http, Story(3), stop);
        response.Dispose(); // closes the connection

        await freed.Task.WaitAsync(TimeSpan.FromSeconds(30), stop);
        Assert.Equal(alone, await other);
    }

    private static object Story(int seed) => RawHttp.Chat("Tell me about StreamCore.", 120, 1.0, seed);

    /// <summary>Noise goes on for a long time.</summary>
    private static object Endless() => new
    {
        model = ServerFixture.Noise,
        messages = new[] { new { role = "user", content = "Count." } },
        max_completion_tokens = 1500,
        temperature = 0,
        stream = true,
    };
}
