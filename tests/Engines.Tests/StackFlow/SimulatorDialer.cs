using System.IO.Pipelines;
using System.Net.Sockets;
using StreamCore.Engines.StackFlow.Connections;
using StreamCore.StackFlowSimulator;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Connects to a simulated device without a network.</summary>
internal sealed class SimulatorDialer(SimulatedDevice device) : IDeviceDialer
{
    public string Name => "simulator";

    public async ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation)
    {
        try
        {
            return new Line(await device.ConnectAsync(cancellation));
        }
        catch (SocketException fault)
        {
            throw new IOException(fault.Message, fault);
        }
    }

    private sealed class Line(DeviceLine line) : IDeviceLine
    {
        public PipeReader Input => line.Input;

        public PipeWriter Output => line.Output;

        public ValueTask DisposeAsync() => line.DisposeAsync();
    }
}
