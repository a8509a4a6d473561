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

    private ChatWholeChoice() { }

    /// <param name="logprobs">Those of the answer's tokens; null where none were asked for.</param>
    public static ChatChoice Read(AnswerSyntax syntax, ChatShape shape, Generation answer, TokenLogprobs[]? logprobs)
    {
        var scanner = new AnswerScanner(syntax);
        var pieces = new ChatWholeChoice();
        scanner.Read(answer.AllText().Span, isEnd: true, pieces);
        return new ChatChoice(
            pieces._text.WrittenMemory,
            pieces._reasoning.WrittenMemory,
            [.. pieces._calls.Select(call => new ChatCall(ResponseIds.NextCall(), call.Name, call.Arguments.WrittenMemory))],
            scanner.FinishReason(answer.Outcome!.FinishReason, shape.AsFunctions),
            logprobs);
    }

    void IAnswerEvents.Text(ReadOnlySpan<byte> utf8) => _text.Write(utf8);

    void IAnswerEvents.Reasoning(ReadOnlySpan<byte> utf8) => _reasoning.Write(utf8);

    void IAnswerEvents.CallBegin(int call, string name) => _calls.Add((name, new ArrayBufferWriter<byte>()));

    void IAnswerEvents.CallArguments(int call, ReadOnlySpan<byte> utf8) => _calls[call].Arguments.Write(utf8);

    void IAnswerEvents.CallEnd(int call) { }
}
