using System.Globalization;

namespace StreamCore.HttpBench.Peers;

/// <summary>
/// The child process: says <c>ready PORT</c> when it listens, answers each line of its input by collecting garbage and
/// saying <c>collected</c>, and ends when its input does, so that it never outlives the driver.
/// </summary>
internal static class PeerProgram
{
    public static async Task RunAsync(PeerSettings settings)
    {
        var port = await StartAsync(settings, new TokenSource(settings));
        await Console.Out.WriteLineAsync("ready " + port.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            await Console.Out.WriteLineAsync("collected");
        }
    }

    private static Task<int> StartAsync(PeerSettings settings, TokenSource source) => settings.Peer switch
    {
        "streamcore" => StreamCorePeer.StartAsync(source),
        "aspnet" => AspNetPeer.StartAsync(source),
        "pipe" => PipePeer.StartAsync(source, new PreparedAnswer(settings)),
        "socket" => SocketPeer.StartAsync(source, new PreparedAnswer(settings)),
        var other => throw new ArgumentException("No such peer: " + other, nameof(settings)),
    };
}
