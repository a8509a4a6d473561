using System.Text;
using System.Text.Json;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>melotts, tts and cosy_voice.</summary>
public class Speech
{
    private const string Melo = "melotts-en-us";
    private const string Single = "single-speaker-english-fast";
    private const string Cosy = "CosyVoice2-0.5B-ax650";

    [Fact]
    public void A_tone_is_sixty_milliseconds_a_character_and_its_own()
    {
        Assert.Equal(2 * 16_000 * 60 / 1000 * 5, SimulatedSpeech.Tone(Melo, "Hello", 16_000).Length);
        Assert.NotEqual(SimulatedSpeech.Tone(Melo, "Hello", 16_000), SimulatedSpeech.Tone(Melo, "Hallo", 16_000));
    }

    [Theory]
    [InlineData("Hello, world. How are you", "Hello,| world.| How are you")]
    [InlineData("Hello, world.", "Hello,| world.|")]
    [InlineData("3.14 dollars", "3.|14 dollars")]
    [InlineData("你好，世界。", "你好，|世界。|")]
    public async Task Melotts_sends_each_piece_and_the_finish_with_the_last_though_it_be_empty(string text, string pieces)
    {
        await using var bench = new Bench();
        var lines = Speak(bench, "melotts", Melo, "pcm.stream.base64", text);
        Assert.Equal(pieces.Split('|').Select(static piece => Tone(Melo, piece)), lines.Select(Delta));
        Assert.Equal((1, true), (Replies.Finishes(lines), Replies.Finishes(lines[^1]) == 1));
    }

    [Theory]
    [InlineData("Hello, world. How are you", " How are you")]
    [InlineData("Hello, world.", "")]
    public async Task Melotts_in_a_plain_format_gives_only_the_last_piece(string text, string last)
    {
        await using var bench = new Bench();
        var lines = Speak(bench, "melotts", Melo, "tts.base64.wav", text);
        Assert.Equal([Tone(Melo, last)], lines.Select(Replies.Data));
    }

    [Fact]
    public async Task Tts_gives_sound_in_a_plain_format_only_and_no_end()
    {
        await using var bench = new Bench();
        Assert.Equal([Tone(Single, "Hello,"), Tone(Single, " world.")], Speak(bench, "tts", Single, "tts.base64.wav", "Hello, world.").Select(Replies.Data));
        await using var stream = new Bench();
        Assert.Equal(["", ""], Speak(stream, "tts", Single, "tts.base64.wav.stream", "Hello, world.").Select(Delta));
    }

    [Fact]
    public async Task A_piece_that_fails_is_told_and_no_finish_comes_if_it_was_the_last()
    {
        await using var bench = Bench.With(Fault.SpeechPieceFails);
        var lines = Speak(bench, "melotts", Melo, "pcm.stream.base64", "Hello, world");
        Assert.Equal([-11, -11], lines.Select(Replies.Code));
        Assert.All(lines, static line => Assert.Equal("s", Replies.RequestId(line)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("None")]
    public async Task Nothing_to_speak_is_not_answered(string text)
    {
        await using var bench = new Bench();
        Assert.Empty(Speak(bench, "melotts", Melo, "pcm.stream.base64", text));
        Assert.Single(bench.Device.Mistakes);
    }

    [Fact]
    public async Task Pieces_of_a_streamed_text_are_taken_in_order_of_arrival_each_decoded_for_itself()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(Melo, "melotts", "pcm.stream.base64");
        foreach (var (piece, finish) in new[] { ("Hello \"dear\"", false), (" world", true) })
        {
            var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(piece));
            bench.Client.Send($$"""{"request_id":"s","work_id":"{{id}}","action":"inference","object":"tts.utf-8.stream.base64","data":{"delta":"{{data}}","finish":{{(finish ? "true" : "false")}} } }""");
        }

        Assert.Equal([Tone(Melo, "Hello \"dear\" world")], bench.Client.Lines().Select(Delta));
    }

    [Fact]
    public async Task There_is_one_task()
    {
        await using var bench = new Bench();
        bench.Client.Setup(Melo, "melotts", "pcm.stream.base64");
        Assert.Equal(-21, Replies.Code(bench.Client.Ask(BenchClient.SetupText("s", Melo, "melotts"))));
    }

    [Fact]
    public async Task Speech_takes_its_time()
    {
        await using var bench = Bench.Paced(Pace.Instant with { Speech = 0.5 });
        Assert.Empty(Speak(bench, "melotts", Melo, "pcm.stream.base64", "Hello, and how are you"));
        bench.Advance(180);
        Assert.Single(bench.Client.Lines());
        bench.Advance(480);
        Assert.Single(bench.Client.Lines());
    }

    [Fact]
    public async Task Cosy_voice_speaks_a_second_at_a_time_and_can_be_paused()
    {
        await using var bench = Bench.Paced(Pace.Instant with { Speech = 1 });
        var text = new string('a', 60);
        Assert.Empty(Speak(bench, "cosy_voice", Cosy, "pcm.stream.base64", text));
        bench.Advance(1_500);
        var first = Convert.FromBase64String(Delta(Assert.Single(bench.Client.Lines())));
        Assert.Equal(SimulatedSpeech.Tone(Cosy, text, 48_000)[..96_000], first);
        Assert.Equal(0, Replies.Code(bench.Client.Ask("p", "cosy_voice.1000", "pause")));
        bench.Advance(1_000);
        Assert.Equal(1, Replies.Finishes(bench.Client.Lines()[^1]));
        bench.Advance(10_000);
        Assert.Equal("", bench.Client.Received());
    }

    [Fact]
    public async Task Cosy_voice_may_speak_its_errors()
    {
        await using var bench = Bench.With(Fault.SpokenErrors);
        var line = Assert.Single(Speak(bench, "cosy_voice", Cosy, "pcm.stream.base64", "Hello"));
        Assert.StartsWith("Error", Encoding.UTF8.GetString(Convert.FromBase64String(Delta(line))), StringComparison.Ordinal);
    }

    private static string[] Speak(Bench bench, string unit, string model, string format, string text)
    {
        var id = bench.Client.Setup(model, unit, format);
        bench.Client.Send(BenchClient.InferText("s", id, text).Replace("llm.utf-8", "tts.utf-8", StringComparison.Ordinal));
        return bench.Client.Lines();
    }

    private static string Tone(string model, string text) => Convert.ToBase64String(SimulatedSpeech.Tone(model, text, 16_000));

    private static string Delta(string line) => JsonDocument.Parse(line).RootElement.GetProperty("data").GetProperty("delta").GetString()!;
}
