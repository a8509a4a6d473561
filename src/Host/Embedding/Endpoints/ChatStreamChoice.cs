using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>One choice of a chat stream: each piece of its answer becomes an event.</summary>
internal sealed class ChatStreamChoice(ChatStreamEncoder encoder, int index, AnswerSyntax syntax, WireLogprobs? wire) : IAnswerEvents
{
    private readonly AnswerScanner _scanner = new(syntax);
    private SseWriter? _sse;
    private ReadOnlyMemory<byte> _answer;
    private ContentLogprobs? _logprobs; // of a generation that keeps them
    private Generation? _generation;
    private int _reasoningBytes;

    /// <summary>Tokens of its reasoning, as well as can be told without them.</summary>
    public int ReasoningTokens => _generation is null ? 0 : ChatFormat.ReasoningShare(_generation, _reasoningBytes);

    /// <summary>Writes what is new in the answer, of which so many bytes are there.</summary>
    public void Write(SseWriter sse, Generation generation, int length, bool isEnd)
    {
        _sse = sse;
        _answer = generation.AllText()[..length];
        _generation = generation;
        if (wire is not null && generation.Logprobs is not null) _logprobs ??= new ContentLogprobs(wire, generation);
        _scanner.Read(_answer.Span, isEnd, this);
        if (isEnd && _logprobs?.TakeRest() is { Length: > 0 } rest) WriteText(default, rest);
    }

    public FinishReason FinishReason(FinishReason ended, bool asFunctions) => _scanner.FinishReason(ended, asFunctions);

    void IAnswerEvents.Text(int start, ReadOnlySpan<byte> utf8)
    {
        _logprobs?.Add(start, utf8.Length);
        WriteText(_answer.Slice(start, utf8.Length), _logprobs?.TakeUntil(start + utf8.Length) ?? []);
    }

    void IAnswerEvents.Reasoning(ReadOnlySpan<byte> utf8)
    {
        _reasoningBytes += utf8.Length;
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

    /// <summary>A token is told of when all of it is known to be content or not: with the text in which it ends, or later.</summary>
    private void WriteText(ReadOnlyMemory<byte> text, TokenLogprobs[] logprobs)
    {
        _sse!.BeginEvent();
        if (logprobs.Length > 0) encoder.LogprobsChunk(_sse, index, text, logprobs);
        else encoder.ContentChunk(_sse, index, text.Span);
        _sse.EndEvent();
    }
}
