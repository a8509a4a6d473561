using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Host.Endpoints;

/// <summary>Collects the pieces of one finished answer.</summary>
internal sealed class ChatWholeChoice : IAnswerEvents
{
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly ArrayBufferWriter<byte> _reasoning = new();
    private readonly List<(string Name, ArrayBufferWriter<byte> Arguments)> _calls = [];

    private readonly ContentLogprobs? _logprobs;

    private ChatWholeChoice(ContentLogprobs? logprobs) => _logprobs = logprobs;

    public static ChatChoice Read(AnswerSyntax syntax, ChatShape shape, Generation answer, WireLogprobs? logprobs)
    {
        var scanner = new AnswerScanner(syntax);
        var pieces = new ChatWholeChoice(answer.Logprobs is null || logprobs is null ? null : new ContentLogprobs(logprobs, answer));
        scanner.Read(answer.AllText().Span, isEnd: true, pieces);
        return new ChatChoice(
            pieces._text.WrittenMemory,
            pieces._reasoning.WrittenMemory,
            [.. pieces._calls.Select(call => new ChatCall(ResponseIds.NextCall(), call.Name, call.Arguments.WrittenMemory))],
            scanner.FinishReason(answer.Outcome!.FinishReason, shape.AsFunctions),
            pieces._logprobs?.TakeRest());
    }

    void IAnswerEvents.Text(int start, ReadOnlySpan<byte> utf8)
    {
        _text.Write(utf8);
        _logprobs?.Add(start, utf8.Length);
    }

    void IAnswerEvents.Reasoning(ReadOnlySpan<byte> utf8) => _reasoning.Write(utf8);

    void IAnswerEvents.CallBegin(int call, string name) => _calls.Add((name, new ArrayBufferWriter<byte>()));

    void IAnswerEvents.CallArguments(int call, ReadOnlySpan<byte> utf8) => _calls[call].Arguments.Write(utf8);

    void IAnswerEvents.CallEnd(int call) { }
}
