using StreamCore.Protocol;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>One choice of a chat stream: each piece of its answer becomes an event.</summary>
internal sealed class ChatStreamChoice(ChatStreamEncoder encoder, int index, AnswerSyntax syntax) : IAnswerEvents
{
    private readonly AnswerScanner _scanner = new(syntax);
    private SseWriter? _sse;

    /// <summary>Writes what is new in the answer so far.</summary>
    public void Write(SseWriter sse, ReadOnlySpan<byte> answer, bool isEnd)
    {
        _sse = sse;
        _scanner.Read(answer, isEnd, this);
    }

    public FinishReason FinishReason(FinishReason ended, bool asFunctions) => _scanner.FinishReason(ended, asFunctions);

    void IAnswerEvents.Text(ReadOnlySpan<byte> utf8)
    {
        _sse!.BeginEvent();
        encoder.ContentChunk(_sse, index, utf8);
        _sse.EndEvent();
    }

    void IAnswerEvents.Reasoning(ReadOnlySpan<byte> utf8)
    {
        _sse!.BeginEvent();
        encoder.ReasoningChunk(_sse, index, utf8);
        _sse.EndEvent();
    }

    void IAnswerEvents.CallBegin(int call, string name)
    {
        _sse!.BeginEvent();
        encoder.CallChunk(_sse, index, call, ResponseIds.NextCall(), name);
        _sse.EndEvent();
    }

    void IAnswerEvents.CallArguments(int call, ReadOnlySpan<byte> utf8)
    {
        _sse!.BeginEvent();
        encoder.ArgumentsChunk(_sse, index, call, utf8);
        _sse.EndEvent();
    }

    void IAnswerEvents.CallEnd(int call)
    {
        // The next call, or the end of the choice, says so.
    }
}
