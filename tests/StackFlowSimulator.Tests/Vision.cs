using System.Text;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>Questions about images.</summary>
public class Vision
{
    private const string Model = "smolvlm-256M-ax630c";
    private static readonly byte[] First = [0xFF, 0xD8, 0xFF, 1], Second = [0xFF, 0xD8, 0xFF, 2];

    [Fact]
    public async Task An_image_is_not_answered_and_the_last_one_wins_and_is_used_once()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(Model, "vlm", "vlm.utf-8.stream");
        Assert.Equal("", bench.Client.Ask(Image(id, First)) + bench.Client.Ask(Image(id, Second)));
        bench.Client.Send(Text(id, "In 4 words"));
        Assert.Equal(Answer(Model, "In 4 words", Second), Replies.Text(bench.Client.Lines()));
        bench.Client.Send(Text(id, "In 4 words"));
        Assert.Equal(Answer(Model, "In 4 words"), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task A_context_model_sees_all_images()
    {
        const string model = "internvl3-1B-448-ax630c";
        await using var bench = new Bench();
        var id = bench.Client.Setup(model, "vlm", "vlm.utf-8.stream");
        bench.Client.Send(Image(id, First));
        bench.Client.Send(Image(id, Second));
        bench.Client.Send(Text(id, "In 4 words"));
        Assert.Equal(Answer(model, "In 4 words", First, Second), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task An_image_that_cannot_be_decoded_leaves_the_text_without_an_answer()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(Model, "vlm", "vlm.utf-8.stream");
        bench.Client.Send(Image(id, [1, 2, 3]));
        Assert.Equal("", bench.Client.Ask(Text(id, "In 4 words")));
        bench.Client.Send(Text(id, "In 4 words"));
        Assert.Equal(1, Replies.Finishes(bench.Client.Lines()));
    }

    [Fact]
    public async Task Text_keeps_its_escapes()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(Model, "vlm", "vlm.utf-8.stream");
        bench.Client.Send(BenchClient.InferText("i", id, """a\nb 3 words""").Replace("llm.utf-8", "vlm.utf-8", StringComparison.Ordinal));
        Assert.Equal(Answer(Model, """a\nb 3 words"""), Replies.Text(bench.Client.Lines()));
    }

    [Fact]
    public async Task Inferences_wait_and_keep_their_ids()
    {
        await using var bench = Bench.Slow();
        var id = bench.Client.Setup(Model, "vlm", "vlm.utf-8.stream");
        for (var i = 1; i <= 6; i++) bench.Client.Send(Text(id, "In 4 words", $"q{i}"));
        bench.Advance(60_000);
        var lines = bench.Client.Lines();
        Assert.Equal(6, Replies.Finishes(lines));
        Assert.Equal(["q1", "q2", "q3", "q4", "q5", "q6"], lines.Select(Replies.RequestId).Distinct());
    }

    private static string Answer(string model, string text, params byte[][] images) =>
        SimulatedText.Of(model, SimulatedText.Seen(model, "You are.", [text], images));

    private static string Image(string id, byte[] image) =>
        $$"""{"request_id":"m","work_id":"{{id}}","action":"inference","object":"vlm.jpeg.base64","data":"{{Convert.ToBase64String(image)}}"}""";

    private static string Text(string id, string text, string requestId = "t") =>
        $$"""{"request_id":"{{requestId}}","work_id":"{{id}}","action":"inference","object":"vlm.utf-8.base64","data":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}}"}""";
}
