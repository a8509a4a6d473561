using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>
/// Speech by a model of <c>melotts</c>, <c>tts</c> or <c>cosy_voice</c>. Each piece of the text is an inference of its own, so that its end is
/// certain in each unit, whatever it says of ends, and so that what cannot be paused is over after a piece.
/// </summary>
internal sealed class SpeechEngine(string name, UnitKind unit, string model, int sampleRate, TaskSlot slot) : ISpeechEngine
{
    /// <summary>What models speak at unless told otherwise.</summary>
    private const double UsualSpeed = 1.2;

    public string Name { get; } = name;

    public int Capacity => 1;

    public event Action? CapacityChanged
    {
        add { }
        remove { }
    }

    public int SampleRate { get; } = sampleRate;

    /// <summary>A voice is a model, but for one unit; speed is a setting of another.</summary>
    public bool CanRun(SpeechRequest request) =>
        (request.Voice is null || unit == UnitKind.CosyVoice) && (request.Speed == 1 || unit == UnitKind.MeloTts && request.Speed > 0);

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> SpeakAsync(SpeechRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!CanRun(request)) throw new ArgumentException("The model has no such voice or speed.", nameof(request));
        await slot.EnterAsync(cancellation);
        try
        {
            foreach (var piece in SpeechText.Pieces(request.Text))
            {
                await foreach (var audio in SpeakAsync(piece, Setup(request), cancellation)) yield return audio;
            }
        }
        finally
        {
            slot.Leave();
        }
    }

    public ValueTask DisposeAsync() => slot.DisposeAsync();

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> SpeakAsync(string piece, TaskSetup setup, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var parts = slot.InferAsync(setup, new() { Text = piece }, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await parts.MoveNextAsync()) yield break;
            }
            catch (DeviceException fault)
            {
                throw TaskSlot.Fault(fault);
            }
            yield return parts.Current.Audio;
        }
    }

    private TaskSetup Setup(SpeechRequest request) => new()
    {
        Unit = unit,
        Model = model,
        Speech = new()
        {
            Speed = request.Speed == 1 ? null : UsualSpeed * request.Speed,
            AudioRate = unit == UnitKind.CosyVoice ? SampleRate : null,
            PromptDirectory = request.Voice,
        },
    };
}
