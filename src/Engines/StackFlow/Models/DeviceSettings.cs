using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Protocol;
using StreamCore.Scheduler;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>What devices can do of a request's settings. Pure.</summary>
internal static class DeviceSettings
{
    private const double GreedyBelow = 1e-4;

    /// <summary>What the firmware takes where a task's setup says nothing.</summary>
    private const int OwnTopK = 10;

    /// <summary>The first parameter, by its name on the wire, that no device or not this model can honour; null for none.</summary>
    public static string? Unsupported(GenerationRequest request, DeviceModelOptions options)
    {
        var sampling = request.Sampling;
        return request switch
        {
            { TopLogprobs: not null } or { ScoresPrompt: true } => "logprobs",
            { MaxTokens: 0 } => "max_tokens",
            { LogitsRules.Count: > 0 } => "response_format",
            { IgnoreEos: true } => "ignore_eos",
            _ => Unsupported(sampling) ?? Refused(sampling, options),
        };
    }

    /// <summary>
    /// The sampling to set a task up with; null leaves the model its own. A request that says nothing gets that too, and one that only
    /// gives a temperature keeps the firmware's top-k.
    /// </summary>
    public static TaskSampling? Of(SamplingSettings request, DeviceModelOptions options) =>
        options.Sampling == DeviceSampling.Fixed ? Of(options) : Of(request);

    private static TaskSampling? Of(SamplingSettings request) =>
        Map(request.Temperature, request.TopP, request.TopK, request.Penalties.Repetition);

    private static TaskSampling? Of(DeviceModelOptions options) =>
        Map(options.Temperature ?? 1, options.TopP ?? 1, options.TopK ?? 0, 1);

    private static TaskSampling? Map(double temperature, double topP, int topK, double repetition)
    {
        if (temperature == 1 && topP >= 1 && topK == 0 && repetition == 1) return null;
        var isGreedy = temperature < GreedyBelow || topK == 1;
        return new TaskSampling
        {
            Temperature = isGreedy || temperature == 1 ? null : Hundredths(temperature),
            TopP = isGreedy || topP >= 1 ? null : Hundredths(topP),
            TopK = isGreedy || topP < 1 ? null : topK > 0 ? topK : OwnTopK,
            // The firmware divides by the square root of what it is given.
            RepetitionPenalty = repetition == 1 ? null : Hundredths(repetition * repetition),
        };
    }

    /// <summary>Finer differences are none, and every other value is another task.</summary>
    private static double Hundredths(double value) => Math.Max(Math.Round(value, 2), 0.01);

    private static string? Unsupported(SamplingSettings sampling) => sampling switch
    {
        { Bias.Length: > 0 } => "logit_bias",
        { Penalties.Presence: not 0 } => "presence_penalty",
        { Penalties.Frequency: not 0 } => "frequency_penalty",
        { MinP: > 0 } => "min_p",
        { TypicalP: < 1 } => "typical_p",
        { Ends.StopTokens.Length: > 0 } => "stop_token_ids",
        { Ends.MinTokens: > 0 } => "min_tokens",
        { Ends.IgnoreEos: true } => "ignore_eos",
        { ShowsSpecialTokens: true } => "skip_special_tokens",
        { Temperature: var temperature, TopK: var topK } when temperature < GreedyBelow || topK == 1 => null,
        { Seed: not null } => "seed",
        { TopP: < 1, TopK: > 0 } => "top_k", // the firmware takes one of the two
        _ => null,
    };

    private static string? Refused(SamplingSettings sampling, DeviceModelOptions options)
    {
        if (options.Sampling == DeviceSampling.Request || Of(sampling) is not { } wanted) return null;
        var own = Of(options) ?? new TaskSampling { TopK = OwnTopK };
        if (wanted == own) return null;
        if (wanted.RepetitionPenalty != own.RepetitionPenalty) return "repetition_penalty";
        if (wanted.Temperature != own.Temperature) return "temperature";
        return wanted.TopP != own.TopP ? "top_p" : "top_k";
    }
}
