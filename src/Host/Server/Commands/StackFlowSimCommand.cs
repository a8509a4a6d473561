using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StreamCore.Host;
using StreamCore.StackFlowSimulator;

namespace StreamCore.Server.Commands;

/// <summary><c>streamcore stackflow-sim</c>: simulated StackFlow devices on this machine, until it is told to stop.</summary>
internal static class StackFlowSimCommand
{
    private const int DefaultPort = 10001;
    private const int MaxDevices = 64;

    private const string Usage =
        "streamcore stackflow-sim [--port 10001] [--devices N] [--pace real|fast] [--seed N] [--fault NAME[=CHANCE]]... | --list-faults";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var flags = Flags.Only(arguments, Usage, ["list-faults"], "port", "devices", "pace", "seed", "fault");
        if (flags.Has("list-faults"))
        {
            foreach (var fault in Enum.GetValues<Fault>()) Console.WriteLine($"{Faults.NameOf(fault),-40}{Faults.Describe(fault)}");
            return 0;
        }

        var port = Number(flags, "port", DefaultPort, 0, ushort.MaxValue);
        var count = Number(flags, "devices", 1, 1, MaxDevices);
        if (port + count - 1 > ushort.MaxValue) throw new StartupException($"--devices: there are not {count} ports from {port} on.");
        var options = new SimulatorOptions { Pace = PaceOf(flags), Faults = FaultsOf(flags), Seed = Number(flags, "seed", 1, 0, int.MaxValue) };
        var stopped = new TaskCompletionSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var devices = new List<SimulatedDevice>();
        try
        {
            for (var i = 0; i < count; i++) devices.Add(Start(options with { Port = port == 0 ? 0 : port + i, Seed = options.Seed + i }));
            await stopped.Task;
        }
        finally
        {
            foreach (var device in devices) await device.DisposeAsync();
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
    }

    private static SimulatedDevice Start(SimulatorOptions options)
    {
        try
        {
            var device = SimulatedDevice.Start(options);
            Console.WriteLine($"Simulated StackFlow device at {device.EndPoint} with {string.Join(", ", options.Models.Select(model => model.Name))} (Ctrl+C stops it).");
            return device;
        }
        catch (SocketException error)
        {
            throw new StartupException($"Port {options.Port} cannot be listened on: {error.Message}. Another is named by --port.", error);
        }
    }

    private static Pace PaceOf(Flags flags) => flags.Value("pace", "real") switch
    {
        "real" => Pace.Real,
        "fast" => Pace.Fast,
        var other => throw new StartupException($"--pace is real or fast, not '{other}'. Usage: {Usage}"),
    };

    private static Faults FaultsOf(Flags flags)
    {
        var faults = Faults.None;
        foreach (var given in flags.Values("fault"))
        {
            var parts = given.Split('=', 2);
            if (!Faults.TryParse(parts[0], out var fault)) throw new StartupException($"There is no fault '{parts[0]}'; --list-faults tells which there are.");
            var chance = 1.0;
            if (parts.Length == 2 && !(double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out chance) && chance is >= 0 and <= 1))
                throw new StartupException($"--fault {parts[0]}: a chance is a number from 0 to 1, not '{parts[1]}'.");
            faults = faults.With(fault, chance);
        }

        return faults;
    }

    private static int Number(Flags flags, string name, int fallback, int least, int most)
    {
        var text = flags.Value(name, "");
        if (text.Length == 0) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new StartupException($"--{name} must be a whole number from {least} to {most}, not '{text}'. Usage: {Usage}");
    }
}
