using StreamCore.HttpBench;
using StreamCore.HttpBench.Peers;
using StreamCore.Transport.Sockets;

// dotnet run --project load-tests/Http -c Release -- [--rounds 3] [--only streams|models|memory|latency] [--json FILE]
// The driver starts this same program once for each peer it measures: serve PEER --tokens N --burst N --step-ms N
if (args is ["serve", ..])
{
    await PeerProgram.RunAsync(PeerSettings.Parse(args));
    return 0;
}

// The clients only count: on the socket threads they take half the time, and leave it to the server they are to load.
IoThreads.ServeOnThem();
if (BenchOptions.TryParse(args, out var options, out var fault)) return await Bench.RunAsync(options);
Console.Error.WriteLine(fault);
return 2;
