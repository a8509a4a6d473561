using System.Buffers;

namespace StreamCore.Transport.Writing;

/// <summary>
/// A stream of server-sent events. An event is begun, its data written by whoever knows it, and ended; nothing leaves
/// before <see cref="FlushAsync"/>, which sends all that is ready at once. Data must not contain line breaks.
/// </summary>
public sealed class SseWriter : IBufferWriter<byte>
{
    private readonly BodyWriter _body;

    internal SseWriter(BodyWriter body) => _body = body;

    public void BeginEvent() => _body.Write("data: "u8);

    /// <summary>Begins an event that has a name, as the Responses API's have.</summary>
    public void BeginEvent(ReadOnlySpan<byte> name)
    {
        _body.Write("event: "u8);
        _body.Write(name);
        _body.Write("\ndata: "u8);
    }

    public void EndEvent() => _body.Write("\n\n"u8);

    /// <summary>A line that clients ignore; it keeps proxies from thinking the connection dead.</summary>
    public void Comment(ReadOnlySpan<byte> text)
    {
        _body.Write(": "u8);
        _body.Write(text);
        _body.Write("\n\n"u8);
    }

    /// <summary>The event with which OpenAI's streams end.</summary>
    public void WriteDone() => _body.Write("data: [DONE]\n\n"u8);

    public void Advance(int count) => _body.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _body.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _body.GetSpan(sizeHint);

    /// <inheritdoc cref="BodyWriter.FlushAsync"/>
    public ValueTask<bool> FlushAsync() => _body.FlushAsync();

    /// <inheritdoc cref="BodyWriter.CompleteAsync"/>
    public ValueTask<bool> CompleteAsync() => _body.CompleteAsync();
}
