using System.IO.Pipelines;

namespace StreamCore.Engines.StackFlow.Connections;

/// <summary>Opens connections to one device. Safe for many threads.</summary>
internal interface IDeviceDialer
{
    /// <summary>The device, for logs and messages.</summary>
    string Name { get; }

    /// <exception cref="IOException">It cannot be reached.</exception>
    ValueTask<IDeviceLine> ConnectAsync(CancellationToken cancellation);
}

/// <summary>The bytes of one connection. Disposing it hangs up at once, whatever is still unsent.</summary>
internal interface IDeviceLine : IDuplexPipe, IAsyncDisposable;
