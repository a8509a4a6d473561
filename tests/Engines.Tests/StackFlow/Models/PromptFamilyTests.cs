using FsCheck;
using FsCheck.Fluent;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Scheduler.Sessions;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow.Models;

public class PromptFamilyTests
{
    private static readonly Dictionary<PromptFamilyName, string[]> Markers = new()
    {
        [PromptFamilyName.ChatML] =
            ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|vision_start|>", "<|image_pad|>", "<|fim_prefix|>", "<img>", "</img>", "<IMG_CONTEXT>", "<image>"],
        [PromptFamilyName.SmolVlm] = ["<|im_start|>", "<end_of_utterance>", "<image>", "<fake_token_around_image>", "<global-img>", "<row_1_col_2>"],
        [PromptFamilyName.Llama3] = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|reserved_special_token_7|>"],
        [PromptFamilyName.DeepSeek] = ["<｜User｜>", "<｜Assistant｜>", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜tool▁calls▁begin｜>", "<|EOT|>"],
        [PromptFamilyName.Plain] = ["<|im_end|>", "</s>", "<s>"],
    };

    public static TheoryData<PromptFamilyName> Families => [.. Markers.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void No_marker_survives_whatever_the_text_is_made_of(PromptFamilyName name)
    {
        var family = PromptFamily.Of(name);
        var markers = Markers[name];
        // Whole markers, their parts, and what could join parts to whole ones.
        string[] parts = [.. markers, .. markers.Select(marker => marker[..^1]), .. markers.Select(marker => marker[1..]), "<", "|", "｜", ">", " ", "\n", "im_", "a", "你"];
        Prop.ForAll(Gen.Elements(parts).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var neutral = family.Neutralise(text);
            return Array.TrueForAll(markers, marker => !neutral.Contains(marker, StringComparison.Ordinal))
                && neutral.Replace(" ", "", StringComparison.Ordinal) == text.Replace(" ", "", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_text_without_markers_is_unchanged(PromptFamilyName name)
    {
        var family = PromptFamily.Of(name);
        foreach (var text in new[] { "", "a < b | c > d", "if (x <| y)", "<div class='a'>|</div>", "1 <| 2 |> 3", "<think>no</think>", "List<int|string>", "<｜ wide ｜>" })
            Assert.Equal(text, family.Neutralise(text));
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), drawn =>
            Array.Exists(Markers[name], marker => drawn.Get.Contains(marker, StringComparison.Ordinal)) || drawn.Get.Contains("|>", StringComparison.Ordinal)
            || family.Neutralise(drawn.Get) == drawn.Get).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Earlier_turns_of_ChatML_are_closed_and_opened_inside_the_one_user_turn()
    {
        var prompt = Compose("qwen2.5-0.5B-p256-ax630c", System("Be brief."), User("Hi"), Assistant("Hello!"), User("How are you?"));
        Assert.Equal("neutral", prompt.Setup);
        Assert.Equal("Be brief.\n\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\nHow are you?", prompt.Text);
    }

    [Theory]
    [InlineData("internvl2.5-1B-364-ax630c", "A<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC")]
    [InlineData("smolvlm-256M-ax630c", "A<end_of_utterance>\nAssistant: B<end_of_utterance>\nUser: C")]
    [InlineData("llama3.2-1B-p256-ax630c", "A<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nC")]
    [InlineData("deepseek-r1-1.5B-p256-ax630c", "A<｜Assistant｜>B<｜end▁of▁sentence｜><｜User｜>C")]
    [InlineData("openbuddy-llama3.2-1B-ax630c", "A\n\nAssistant: B\n\nUser: C")]
    [InlineData("of-no-known-family", "A\n\nAssistant: B\n\nUser: C")]
    public void Each_family_writes_turns_its_own_way(string model, string text) =>
        Assert.Equal(text, Compose(model, User("A"), Assistant("B"), User("C")).Text);

    [Fact]
    public void A_whole_conversation_reads_back_as_the_model_was_trained()
    {
        var family = PromptFamily.Of(PromptFamilyName.ChatML);
        var rendered = family.Render(family.Compose([System("S"), User("A"), Assistant("B"), User("C")], SystemPromptPlace.Setup, "neutral"));
        Assert.Equal(
            "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\nB<|im_end|>\n<|im_start|>user\nC<|im_end|>\n<|im_start|>assistant\n",
            rendered);
    }

    [Fact]
    public void System_messages_go_into_the_setup_where_that_is_asked_and_the_model_sees_it()
    {
        var (family, llama) = (PromptFamily.Of(PromptFamilyName.ChatML), PromptFamily.Of(PromptFamilyName.Llama3));
        SessionMessage[] messages = [System("One."), System("Two<|im_end|>."), User("A"), System("Three."), User("B")];
        Assert.Equal(new DevicePrompt("One.\n\nTwo< |im_end|>.", "A\n\nThree.\n\nB"), family.Compose(messages, SystemPromptPlace.Setup, "neutral"));
        Assert.Equal(new DevicePrompt("neutral", "One.\n\nTwo< |im_end|>.\n\nA\n\nThree.\n\nB"), family.Compose(messages, SystemPromptPlace.Text, "neutral"));
        Assert.Equal("neutral", llama.Compose(messages, SystemPromptPlace.Setup, "neutral").Setup);
        Assert.Equal(new DevicePrompt("neutral", "A"), family.Compose([User("A")], SystemPromptPlace.Setup, "neutral"));
    }

    [Fact]
    public void A_conversation_that_the_assistant_begins_leaves_an_empty_user_turn() =>
        Assert.Equal(
            "<|im_end|>\n<|im_start|>assistant\nWelcome!<|im_end|>\n<|im_start|>user\nHi", Compose("qwen3-0.6B-ax630c", Assistant("Welcome!"), User("Hi")).Text);

    [Fact]
    public void Thoughts_of_earlier_answers_are_left_out()
    {
        Assert.EndsWith("assistant\nFour.<|im_end|>\n<|im_start|>user\nAnd?", Compose("qwen3-0.6B-ax630c", User("2+2"), Assistant("<think>\nHm.\n</think>\n\nFour."), User("And?")).Text);
        Assert.Contains("<think> of it", Compose("qwen3-0.6B-ax630c", User("A"), Assistant("<think> of it"), User("B")).Text);
    }

    [Theory]
    [InlineData("reset", "reset ")]
    [InlineData("", " ")]
    [InlineData("reset it", "reset it")]
    [InlineData("Reset", "Reset")]
    public void The_device_gets_no_command_and_no_empty_text(string text, string sent) =>
        Assert.Equal(sent, Compose("qwen2.5-HA-0.5B-ctx-ax630c", User(text)).Text);

    private static DevicePrompt Compose(string model, params SessionMessage[] messages) =>
        PromptFamily.Of(model).Compose(messages, SystemPromptPlace.Text, "neutral");

    private static SessionMessage System(string text) => new(SessionRole.System, text);

    private static SessionMessage User(string text) => new(SessionRole.User, text);

    private static SessionMessage Assistant(string text) => new(SessionRole.Assistant, text);
}
