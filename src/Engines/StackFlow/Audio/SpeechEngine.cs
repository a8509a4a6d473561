using System.Runtime.CompilerServices;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>
/// Speech by a model of <c>melotts</c>, <c>tts</c> or <c>cosy_voice</c> on one device. Each piece of the text is an inference of its own, so that its
/// end is certain in each unit, whatever it says of ends, and so that what cannot be paused is over after a piece.
/// </summary>
internal sealed class SpeechEngine(StackFlowDevice device, PooledModel pooled, int sampleRate) : AudioEngine(device, pooled), ISpeechEngine
{
    /// <summary>What models speak at unless told otherwise.</summary>
    private const double UsualSpeed = 1.2;

    private volatile int _sampleRate = sampleRate;

    public int SampleRate
    {
        get => _sampleRate;
        internal set => _sampleRate = value;
    }

    /// <summary>A voice is a model, but for one unit; speed is a setting of another.</summary>
    public bool CanRun(SpeechRequest request) =>
        (request.Voice is null || Unit == UnitKind.CosyVoice) && (request.Speed == 1 || Unit == UnitKind.MeloTts && request.Speed > 0);

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> SpeakAsync(SpeechRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!CanRun(request)) throw new ArgumentException("The model has no such voice or speed.", nameof(request));
        await using var lease = Lease(Setup(request));
        foreach (var piece in SpeechText.Pieces(request.Text))
        {
            await foreach (var part in lease.InferAsync(new() { Text = piece }, cancellation).ConfigureAwait(false)) yield return part.Audio;
        }
    }

    private TaskSetup Setup(SpeechRequest request) => new()
    {
        Unit = Unit,
        Model = Model,
        Speech = new()
        {
            Speed = request.Speed == 1 ? null : UsualSpeed * request.Speed,
            AudioRate = Unit == UnitKind.CosyVoice ? SampleRate : null,
            PromptDirectory = request.Voice,
        },
    };
}
