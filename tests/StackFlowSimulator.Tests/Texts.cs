namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>The rule by which answers are made.</summary>
public class Texts
{
    [Fact]
    public void An_answer_repeats_the_last_word_and_has_the_words_asked_for()
    {
        var answer = SimulatedText.Of(Bench.Model, "Tell 12 words of zebra42!");
        Assert.StartsWith("zebra42 ", answer, StringComparison.Ordinal);
        Assert.Equal(12, answer.Split(' ').Length);
        Assert.EndsWith(".", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_seen_and_the_model_decide_it()
    {
        var answers = new[]
        {
            SimulatedText.Of("a", SimulatedText.Seen("a", "", ["20 words"])),
            SimulatedText.Of("b", SimulatedText.Seen("b", "", ["20 words"])),
            SimulatedText.Of("a", SimulatedText.Seen("a", "System.", ["20 words"])),
            SimulatedText.Of("a", SimulatedText.Seen("a", "", ["Hi", "20 words"])),
            SimulatedText.Of("a", SimulatedText.Seen("a", "", ["20 words"], [1, 2])),
        };
        Assert.Distinct(answers);
    }

    [Fact]
    public void Some_templates_change_the_system_prompt()
    {
        Assert.Equal("Hi", SimulatedText.Seen("llama3.2-1B-p256-ax630c", "System", ["Hi"]));
        Assert.Equal("System.\nHi", SimulatedText.Seen("qwen2.5-0.5B-prefill-20e", "System", ["Hi"]));
        Assert.StartsWith("[image ", SimulatedText.Seen("internvl2.5-1B-364-ax630c", "System", ["Hi"], [1]), StringComparison.Ordinal);
    }

    [Fact]
    public void Thinking_models_think_aloud()
    {
        Assert.StartsWith("<think>\n", SimulatedText.Of("qwen3-0.6B-ax630c", "Hi"), StringComparison.Ordinal);
        Assert.Contains("\n</think>\n\nHi ", SimulatedText.Of("deepseek-r1-1.5B-p256-ax630c", "Hi"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_of_two_tokens_is_never_cut()
    {
        var tokens = SimulatedText.Tokens(Bench.Model, "500 words");
        foreach (var (i, token) in tokens.Index().Where(static item => item.Item.Length == 0)) Assert.True(char.IsSurrogate(tokens[i + 1][^1]));
        Assert.Contains("", tokens);
    }
}
