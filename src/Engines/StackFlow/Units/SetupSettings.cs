using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>The data of a setup request.</summary>
internal static class SetupSettings
{
    public static RequestData Of(TaskSetup setup)
    {
        List<Setting> settings =
        [
            new("model", setup.Model), new("response_format", FormatOf(setup)), new("input", setup.Unit.Input), new("enoutput", true),
        ];
        if (setup.Unit.Purpose == UnitPurpose.Language)
        {
            settings.Add(new("max_token_len", setup.MaxTokenLength));
            settings.Add(new("prompt", setup.Prompt));
            if (setup.Sampling is { } sampling) settings.AddRange(Of(sampling));
        }
        if (setup.Language is { } language) settings.Add(new("language", language));
        if (setup.Speech is { } speech) settings.AddRange(Of(speech));
        return new RequestData.Settings(settings);
    }

    private static string FormatOf(TaskSetup setup) =>
        setup.Tag.Length == 0 ? setup.Unit.ResponseFormat : setup.Unit.ResponseFormat + "." + setup.Tag;

    /// <summary>A value does nothing unless it is enabled, and top-k is on unless it is disabled.</summary>
    private static IEnumerable<Setting> Of(TaskSampling sampling)
    {
        yield return new("enable_temperature", sampling.Temperature is not null);
        if (sampling.Temperature is { } temperature) yield return new("temperature", temperature);
        yield return new("enable_top_p_sampling", sampling.TopP is not null);
        if (sampling.TopP is { } topP) yield return new("top_p", topP);
        yield return new("enable_top_k_sampling", sampling.TopK is not null && sampling.TopP is null);
        if (sampling.TopK is { } topK) yield return new("top_k", topK);
        yield return new("enable_repetition_penalty", sampling.RepetitionPenalty is not null);
        if (sampling.RepetitionPenalty is { } penalty) yield return new("repetition_penalty", penalty);
        if (sampling.PenaltyWindow is { } window) yield return new("penalty_window", window);
    }

    private static IEnumerable<Setting> Of(TaskSpeech speech)
    {
        // The device's own spelling.
        if (speech.Speed is { } speed) yield return new("spacker_speed", speed);
        if (speech.AudioRate is { } rate) yield return new("audio_rate", rate);
        if (speech.PromptDirectory is { } directory) yield return new("prompt_dir", directory);
    }
}
