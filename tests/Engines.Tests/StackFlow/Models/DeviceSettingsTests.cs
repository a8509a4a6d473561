using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Protocol;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Models;

public class DeviceSettingsTests
{
    private static readonly DeviceModelOptions Request = new();
    private static readonly DeviceModelOptions Cool = new() { Sampling = DeviceSampling.Fixed, Temperature = 0.2, TopP = 0.5 };
    private static readonly DeviceModelOptions Own = new() { Sampling = DeviceSampling.Fixed };

    [Fact]
    public void A_request_that_says_nothing_leaves_the_model_its_own_sampling() => Assert.Null(DeviceSettings.Of(Settings(), Request));

    [Fact]
    public void Sampling_becomes_the_task_s()
    {
        Assert.Equal(new TaskSampling(), DeviceSettings.Of(Settings(temperature: 0), Request));
        Assert.Equal(new TaskSampling(), DeviceSettings.Of(Settings(temperature: 0, topP: 0.5f), Request));
        Assert.Equal(new TaskSampling { Temperature = 0.7, TopK = 10 }, DeviceSettings.Of(Settings(temperature: 0.7f), Request));
        Assert.Equal(new TaskSampling { Temperature = 0.7, TopP = 0.9 }, DeviceSettings.Of(Settings(temperature: 0.7f, topP: 0.9f), Request));
        Assert.Equal(new TaskSampling { TopK = 40 }, DeviceSettings.Of(Settings(topK: 40), Request));
        Assert.Equal(new TaskSampling { TopK = 10, RepetitionPenalty = 1.21 }, DeviceSettings.Of(Settings(repetition: 1.1f), Request));
    }

    [Fact]
    public void Differences_that_no_answer_would_show_make_no_other_task() =>
        Assert.Equal(DeviceSettings.Of(Settings(temperature: 0.7001f), Request), DeviceSettings.Of(Settings(temperature: 0.6999f), Request));

    [Fact]
    public void A_fixed_model_takes_what_it_has_and_requests_that_say_nothing()
    {
        Assert.Equal(new TaskSampling { Temperature = 0.2, TopP = 0.5 }, DeviceSettings.Of(Settings(), Cool));
        Assert.Null(Unsupported(Settings(), Cool));
        Assert.Null(Unsupported(Settings(temperature: 0.2f, topP: 0.5f), Cool));
        Assert.Equal("temperature", Unsupported(Settings(temperature: 0.7f, topP: 0.5f), Cool));
        Assert.Equal("top_p", Unsupported(Settings(temperature: 0.2f, topP: 0.6f), Cool));
        Assert.Equal("repetition_penalty", Unsupported(Settings(repetition: 1.1f), Cool));
        Assert.Null(Unsupported(Settings(), Own));
        Assert.Equal("temperature", Unsupported(Settings(temperature: 0.7f), Own));
        Assert.Equal("top_k", Unsupported(Settings(topK: 20), Own));
    }

    [Fact]
    public void What_devices_cannot_do_is_named()
    {
        var request = Of(Settings());
        Assert.Null(DeviceSettings.Unsupported(request, Request));
        Assert.Equal("logprobs", DeviceSettings.Unsupported(request with { TopLogprobs = 0 }, Request));
        Assert.Equal("max_tokens", DeviceSettings.Unsupported(request with { MaxTokens = 0 }, Request));
        Assert.Equal("ignore_eos", DeviceSettings.Unsupported(request with { IgnoreEos = true }, Request));
        Assert.Equal("response_format", DeviceSettings.Unsupported(request with { LogitsRules = [new NoRule()] }, Request));
        Assert.Equal("min_p", Unsupported(Settings(minP: 0.1f), Request));
        Assert.Equal("presence_penalty", Unsupported(Settings(presence: 0.5f), Request));
        Assert.Equal("frequency_penalty", Unsupported(Settings(frequency: 0.5f), Request));
        Assert.Equal("logit_bias", Unsupported(Settings(bias: true), Request));
        Assert.Equal("top_k", Unsupported(Settings(topP: 0.5f, topK: 5), Request));
    }

    [Fact]
    public void A_seed_can_only_be_honoured_by_a_greedy_answer()
    {
        Assert.Equal("seed", Unsupported(Settings(seed: 7), Request));
        Assert.Null(Unsupported(Settings(seed: 7, temperature: 0), Request));
        Assert.Null(Unsupported(Settings(seed: 7, topK: 1), Request));
    }

    private static string? Unsupported(SamplingSettings sampling, DeviceModelOptions options) => DeviceSettings.Unsupported(Of(sampling), options);

    private static GenerationRequest Of(SamplingSettings sampling) => new() { PromptTokens = [], Sampling = sampling, MaxTokens = 10 };

    private static SamplingSettings Settings(
        float temperature = 1, float topP = 1, int topK = 0, float minP = 0, long? seed = null, float repetition = 1, float presence = 0,
        float frequency = 0, bool bias = false) =>
        new(temperature, topP, topK, minP, seed, 1, new PenaltySettings(repetition, presence, frequency), bias ? [new TokenBias(1, 1)] : [],
            EndSettings.Default, false);

    private sealed class NoRule : ILogitsRule
    {
        public void Apply(Span<float> logits) => throw new NotSupportedException();

        public void Accept(int token) => throw new NotSupportedException();
    }
}
