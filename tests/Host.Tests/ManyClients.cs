using System.Globalization;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What one client gets must not depend on who else is served.</summary>
public class ManyClients(ServerFixture server)
{
    private const int Clients = 16;

    private static readonly string[] Prompts =
    [
        "Hello!", "What are you?", "What is 12 + 7?", "What is the capital of France?", "Spell the word garden.",
        "Reverse the word stone.", "What colour is grass?", "How do I start the server?",
    ];

    public static TheoryData<double> Temperatures() => [0.0, 1.0];

    [Theory]
    [MemberData(nameof(Temperatures))]
    public async Task Sixteen_streams_at_once_give_exactly_the_text_that_each_gets_alone(double temperature)
    {
        var stop = TestContext.Current.CancellationToken;
        using var http = Recording.Client(server.Address);
        var bodies = Enumerable.Range(0, Clients)
            .Select(i => RawHttp.Chat(
                Prompts[i % Prompts.Length] + new string('!', i / Prompts.Length),
                maxTokens: 16 + (i * 3), temperature, seed: 1000 + i, stream: true))
            .ToArray();

        var alone = new List<string>();
        foreach (var body in bodies) alone.Add(RawHttp.Text(await RawHttp.StreamAsync(http, "v1/chat/completions", body, stop)));

        var together = await Task.WhenAll(bodies.Select(async body =>
            RawHttp.Text(await RawHttp.StreamAsync(http, "v1/chat/completions", body, stop))));

        Assert.Equal(alone, together);
        Assert.All(alone, text => Assert.NotEmpty(text));
        Assert.True(alone.Distinct().Count() > 4, string.Create(CultureInfo.InvariantCulture, $"only {alone.Distinct().Count()} different texts"));
    }

    [Fact]
    public async Task A_seed_gives_the_same_text_streamed_or_whole()
    {
        var stop = TestContext.Current.CancellationToken;
        using var http = Recording.Client(server.Address);
        var whole = await RawHttp.WholeAsync(http, RawHttp.Chat("Tell me something.", 40, 1.0, 7), stop);
        var streamed = RawHttp.Text(await RawHttp.StreamAsync(http, "chat/completions", RawHttp.Chat("Tell me something.", 40, 1.0, 7, true), stop));
        Assert.Equal(whole, streamed);
    }
}
