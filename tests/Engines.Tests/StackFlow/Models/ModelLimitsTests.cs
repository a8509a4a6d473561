using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Models;

public class ModelLimitsTests
{
    private static readonly DeviceModelOptions None = new();

    [Fact]
    public void The_prompt_limit_comes_from_settings_then_the_files_then_the_name_then_what_is_usual()
    {
        var facts = new ModelFacts("qwen2.5-0.5B-p256-ax630c", UnitKind.Llm) { PrefillTokens = 64 };
        Assert.Equal(77, ModelLimits.Of(new DeviceModelOptions { MaxPromptTokens = 77 }, facts).PromptTokens);
        Assert.Equal(64, ModelLimits.Of(None, facts).PromptTokens);
        Assert.Equal(256, ModelLimits.Of(None, facts with { PrefillTokens = null }).PromptTokens);
        Assert.Equal(128, ModelLimits.Of(None, new ModelFacts("qwen3-0.6B-ax630c", UnitKind.Llm)).PromptTokens);
        Assert.Equal(128, ModelLimits.Of(None, new ModelFacts("qwen2.5-0.5B-prefill-20e", UnitKind.Llm)).PromptTokens);
    }

    [Fact]
    public void A_context_model_takes_what_it_keeps()
    {
        var limits = ModelLimits.Of(None, new ModelFacts("qwen2.5-HA-0.5B-ctx-ax630c", UnitKind.Llm) { PrefillTokens = 128, PrecomputeLength = 1023 });
        Assert.Equal((1023, 1023, true), (limits.PromptTokens, limits.ContextTokens, limits.IsContextModel));
        Assert.True(ModelLimits.Of(None, new ModelFacts("a-ctx-b", UnitKind.Llm)).IsContextModel);
    }

    [Fact]
    public void Prompt_and_answer_together_are_1023_unless_told_otherwise()
    {
        var facts = new ModelFacts("qwen3-0.6B-ax630c", UnitKind.Llm);
        Assert.Equal(1023, ModelLimits.Of(None, facts).ContextTokens);
        Assert.Equal(511, ModelLimits.Of(None, facts with { MaxTokenLength = 511 }).ContextTokens);
        var limits = ModelLimits.Of(new DeviceModelOptions { MaxTokenLength = 100 }, facts);
        Assert.Equal((100, 100), (limits.PromptTokens, limits.ContextTokens));
    }

    [Fact]
    public void Images_take_their_part_of_the_prompt()
    {
        var limits = ModelLimits.Of(None, new ModelFacts("internvl2.5-1B-364-ax630c", UnitKind.Vlm) { PrefillTokens = 256 });
        Assert.Equal((1, 256), (limits.ImageCount, limits.PromptTokens));
        Assert.InRange(limits.ImageTokens, 169, 255);
        Assert.Equal(0, ModelLimits.Of(None, new ModelFacts("qwen3-0.6B-ax630c", UnitKind.Llm)).ImageCount);
    }

    [Theory]
    [InlineData("qwen2.5-0.5B-p256-ax630c", 2, 560_460)]
    [InlineData("llama3.2-1B-p256-ax630c", 2, 1_363_148)]
    [InlineData("deepseek-r1-1.5B-p256-ax630c", 1, 1_782_579)]
    [InlineData("smolvlm-256M-ax630c", 2, 0)]
    public void Pool_size_and_memory_are_guessed_by_the_name(string model, int poolSize, long kilobytes)
    {
        var facts = new ModelFacts(model, UnitKind.Llm);
        Assert.Equal((poolSize, kilobytes * 1024), (facts.UsualPoolSize, facts.MemoryOrGuess));
        Assert.Equal(5, (facts with { Memory = 5 }).MemoryOrGuess);
    }

    [Theory]
    [InlineData("qwen2.5-0.5B-p256-ax630c", "", "llm")]
    [InlineData("internvl2.5-1B-364-ax630c", "", "vlm")]
    [InlineData("qwen3-vl-2B-Int4-ax630c", "", "vlm")]
    [InlineData("whisper-tiny", "", "whisper")]
    [InlineData("melotts-en-us", "", "melotts")]
    [InlineData("anything", "vlm", "vlm")]
    public void The_unit_of_a_configured_model_is_told_or_guessed(string model, string unit, string expected) =>
        Assert.Equal(expected, ModelFacts.Of(new DeviceModelOptions { Model = model, Unit = unit })?.Unit.Name);

    [Fact]
    public void The_unit_of_the_settings_goes_before_what_follows_from_the_name()
    {
        var facts = new ModelFacts("my-voice", UnitKind.Tts) { ToldAudioRate = 44_100 };
        Assert.Equal(facts with { Unit = UnitKind.MeloTts }, facts.Under(new DeviceModelOptions { Unit = "melotts" }));
        Assert.Equal(facts, facts.Under(None));
    }

    [Theory]
    [InlineData("whisper-base", "whisper", 448_212, 1, 16_000)]
    [InlineData("melotts_zh-cn", "melotts", 59_764, 1, 16_000)]
    [InlineData("CosyVoice2-0.5B-ax650", "cosy_voice", 560_460, 2, 48_000)]
    [InlineData("single-speaker-fast", "tts", 0, 1, 16_000)]
    public void What_an_audio_model_takes_is_guessed_until_it_is_told(string model, string unit, long kilobytes, int tasks, int rate)
    {
        var facts = new ModelFacts(model, UnitKind.Find(unit)!);
        Assert.Equal((kilobytes * 1024, tasks, rate), (facts.MemoryOrGuess, facts.UsualPoolSize, facts.AudioRate));
        Assert.Equal((9, 8000), ((facts with { Memory = 9 }).MemoryOrGuess, (facts with { ToldAudioRate = 8000 }).AudioRate));
    }
}
