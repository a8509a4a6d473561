using System.Buffers;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using StreamCore.Transport.Writing;

namespace StreamCore.Host.Endpoints;

/// <summary>Text completions: text from the first chunk on, the prompt's own where it is given back.</summary>
/// <param name="logprobs">Null where none are told.</param>
/// <param name="echoes">A prompt for each choice; null where prompts are not given back.</param>
internal sealed class CompletionFormat(ResponseStamp stamp, bool includesUsage, WireLogprobs? logprobs, IReadOnlyList<PromptEcho>? echoes) : IAnswerFormat
{
    private readonly CompletionStreamEncoder _encoder = new(stamp, includesUsage);
    private readonly Dictionary<int, CharacterCount> _characters = [];

    public bool HasOpening => false;

    public bool IncludesUsage { get; } = includesUsage;

    public bool HasEcho => echoes is not null;

    public void WriteOpening(IBufferWriter<byte> output, int index) { }

    public void WriteEcho(IBufferWriter<byte> output, int index, Generation generation)
    {
        var echo = echoes![index];
        if (generation.PromptLogprobs is { } rows && generation.Outcome is null or { IsFinished: true })
            _encoder.LogprobsChunk(output, index, echo.Text, echo.Logprobs(logprobs!, rows));
        else _encoder.ContentChunk(output, index, echo.Text);
    }

    public void WriteDelta(SseWriter sse, int index, Generation generation, Delta delta)
    {
        if (delta.Length == 0 && delta.LogprobCount == 0) return;
        sse.BeginEvent();
        if (delta.LogprobCount > 0) WriteScored(sse, index, generation, delta);
        else _encoder.ContentChunk(sse, index, generation.Text(delta).Span);
        sse.EndEvent();
    }

    public void WriteFinish(IBufferWriter<byte> output, int index, FinishReason reason) => _encoder.FinishChunk(output, index, reason);

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage) => _encoder.UsageChunk(output, usage);

    public void WriteWhole(IBufferWriter<byte> output, IReadOnlyList<Generation> generations, TokenUsage usage) =>
        CompletionApi.EncodeResponse(output, stamp, [.. generations.Select((generation, index) => Choice(generation, index))], usage);

    private void WriteScored(SseWriter sse, int index, Generation generation, Delta delta)
    {
        if (!_characters.TryGetValue(index, out var characters)) _characters[index] = characters = Characters(index);
        _encoder.LogprobsChunk(sse, index, generation.Text(delta),
            logprobs!.OfAnswer(generation, delta.FirstLogprob, delta.LogprobCount, characters));
    }

    private CompletionChoice Choice(Generation generation, int index)
    {
        var reason = generation.Outcome!.FinishReason;
        var scores = logprobs?.OfAnswer(generation, 0, generation.ToldLogprobs, Characters(index));
        if (echoes is null) return new CompletionChoice(generation.AllText(), reason, scores);

        var echo = echoes[index];
        if (scores is not null) scores = [.. echo.Logprobs(logprobs!, generation.PromptLogprobs!), .. scores];
        return new CompletionChoice(new([.. echo.Text, .. generation.AllText().Span]), reason, scores);
    }

    private CharacterCount Characters(int index) => new(echoes is null ? 0 : echoes[index].CharacterCount);
}
