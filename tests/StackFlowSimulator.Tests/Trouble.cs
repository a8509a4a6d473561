using System.Net.Sockets;
using System.Text;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>A device killed, started again, frozen and unplugged; and connections over sockets.</summary>
public class Trouble
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(20);
    private static readonly byte[] Ping = Encoding.UTF8.GetBytes("""{"request_id":"p","work_id":"sys","action":"ping"}""");

    [Fact]
    public async Task Killed_and_started_again_it_has_forgotten_everything()
    {
        await using var bench = new Bench();
        Assert.Equal("llm.1000", bench.Client.Setup());
        bench.Device.Kill();
        bench.Client.Received();
        Assert.True(bench.Client.IsClosed);
        await Assert.ThrowsAsync<SocketException>(async () => await bench.Device.ConnectAsync());
        Assert.Equal((0, 0), (bench.Device.Connections, bench.Device.Tasks.Count));
        bench.Device.Restart();
        Assert.Equal("llm.1000", bench.Connect().Setup());
    }

    [Fact]
    public async Task Frozen_it_takes_bytes_and_answers_when_it_thaws()
    {
        await using var bench = new Bench();
        bench.Device.Freeze();
        Assert.Equal("", bench.Client.Ask("p", "sys", "ping"));
        var other = bench.Connect();
        Assert.Equal("", other.Ask("p", "sys", "ping"));
        bench.Device.Thaw();
        Assert.Equal((1, 1), (bench.Client.Lines().Length, other.Lines().Length));
    }

    [Fact]
    public async Task Unplugged_nothing_arrives_until_it_is_plugged_in()
    {
        await using var bench = new Bench();
        bench.Device.Unplug();
        Assert.Equal("", bench.Client.Ask("p", "sys", "ping"));
        var connecting = bench.Device.ConnectAsync().AsTask();
        Assert.False(connecting.IsCompleted);
        bench.Device.Plug();
        Assert.Contains("\"request_id\":\"p\"", await bench.Client.ReceiveAsync(), StringComparison.Ordinal);
        await using var line = await connecting.WaitAsync(Hang);
    }

    [Fact]
    public async Task Over_a_socket_it_answers_is_cut_off_and_listens_again_at_the_same_port()
    {
        await using var device = SimulatedDevice.Start(new());
        var port = device.EndPoint.Port;
        using (var client = await ConnectAsync(device))
        {
            await client.SendAsync(Ping);
            Assert.EndsWith("\"work_id\":\"sys\"}\n", await ReceiveAsync(client), StringComparison.Ordinal);
            await device.UntilAsync(static device => device.Connections == 1).WaitAsync(Hang);
            device.Kill();
            Assert.Equal("", await ReceiveAsync(client));
        }

        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(device));
        device.Restart();
        Assert.Equal(port, device.EndPoint.Port);
        using var again = await ConnectAsync(device);
        await again.SendAsync(Ping);
        Assert.NotEqual("", await ReceiveAsync(again));
        again.Close();
        await device.UntilAsync(static device => device.Connections == 0).WaitAsync(Hang);
    }

    [Fact]
    public async Task Over_a_socket_and_the_real_clock_it_generates()
    {
        await using var device = SimulatedDevice.Start(new());
        using var client = await ConnectAsync(device);
        await client.SendAsync(Encoding.UTF8.GetBytes(BenchClient.SetupText("s")));
        Assert.Contains("llm.1000", await ReceiveAsync(client), StringComparison.Ordinal);
        await client.SendAsync(Encoding.UTF8.GetBytes(BenchClient.InferText("i", "llm.1000", "Write 30 words")));
        var said = "";
        while (!said.Contains("\"finish\":true", StringComparison.Ordinal)) said += await ReceiveAsync(client);
        Assert.Equal(Bench.Answer("Write 30 words"), Replies.Text(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Empty(device.Mistakes);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_faults()
    {
        Assert.Equal(await TranscriptAsync(1), await TranscriptAsync(1));
        Assert.NotEqual(await TranscriptAsync(1), await TranscriptAsync(2));
    }

    [Fact]
    public void Every_fault_has_a_name_and_a_sentence()
    {
        foreach (var fault in Enum.GetValues<Fault>())
        {
            Assert.True(Faults.TryParse(Faults.NameOf(fault), out var found));
            Assert.Equal(fault, found);
            Assert.NotEqual("", Faults.Describe(fault));
        }

        Assert.Equal("first-inference-lost", Faults.NameOf(Fault.FirstInferenceLost));
        Assert.False(Faults.TryParse("dance", out _));
        Assert.Equal([Fault.PauseLost], Faults.None.With(Fault.PauseLost, 0.5).On);
    }

    private static async Task<string> TranscriptAsync(int seed)
    {
        await using var bench = new Bench(options => options with
        {
            Seed = seed,
            Faults = Faults.None.With(Fault.InferenceLost, 0.3).With(Fault.GenerationThrows, 0.3).With(Fault.ThinAcknowledgements, 0.5),
        });
        var id = bench.Client.Setup();
        for (var i = 0; i < 20; i++) bench.Client.Infer($"i{i}", id, $"Say {i} in 5 words");
        return bench.Client.Received();
    }

    private static async Task<Socket> ConnectAsync(SimulatedDevice device)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(device.EndPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What comes in one read; nothing at the end, or where the connection was broken off.</summary>
    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[65536];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(Hang));
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
