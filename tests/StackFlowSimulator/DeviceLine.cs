using System.IO.Pipelines;

namespace StreamCore.StackFlowSimulator;

/// <summary>The client's end of a connection to a simulated device without a network. Disposing it hangs up.</summary>
public sealed class DeviceLine : IDuplexPipe, IAsyncDisposable
{
    internal DeviceLine(PipeReader input, PipeWriter output) => (Input, Output) = (input, output);

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        await Input.CompleteAsync().ConfigureAwait(false);
    }
}
