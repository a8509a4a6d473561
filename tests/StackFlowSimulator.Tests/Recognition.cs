using System.Text;

namespace StreamCore.StackFlowSimulator.Tests;

/// <summary>whisper and asr.</summary>
public class Recognition
{
    private const string Whisper = "whisper-tiny";
    private const string Asr = "sherpa-ncnn-streaming-zipformer-20M-2023-02-17";
    private static readonly byte[] Sound = SimulatedSpeech.Tone("", "twenty characters ...", SimulatedSpeech.RecognitionRate);

    [Fact]
    public async Task Whisper_hears_samples_and_adds_a_full_stop()
    {
        await using var bench = new Bench();
        var id = SetupWhisper(bench, "en", "asr.utf-8");
        var expected = " " + SimulatedSpeech.Transcript(Whisper, "en", Sound) + "..";
        Assert.Equal(expected, Replies.Data(bench.Client.Ask(Infer(id, "asr.base64", Sound))));
        byte[] wav = [.. Encoding.ASCII.GetBytes("RIFF....WAVEfmt ................data...."), .. Sound];
        Assert.Equal(expected, Replies.Data(bench.Client.Ask(Infer(id, "asr.wav.base64", wav))));
    }

    [Fact]
    public async Task Whisper_in_a_stream_format_gives_one_delta_with_the_finish()
    {
        await using var bench = new Bench();
        bench.Client.Send(Infer(SetupWhisper(bench, "de", "asr.utf-8.stream"), "asr.base64", Sound));
        var line = Assert.Single(bench.Client.Lines());
        Assert.Equal((1, " " + SimulatedSpeech.Transcript(Whisper, "de", Sound) + ".."), (Replies.Finishes(line), Replies.Text(line)));
    }

    [Fact]
    public async Task Whisper_hears_thirty_seconds()
    {
        await using var bench = new Bench();
        var sound = SimulatedSpeech.Tone("", new string('x', 600), SimulatedSpeech.RecognitionRate);
        Assert.Equal(36 * 32_000, sound.Length);
        var heard = Replies.Data(bench.Client.Ask(Infer(SetupWhisper(bench, "en", "asr.utf-8"), "asr.base64", sound)));
        Assert.Equal(" " + SimulatedSpeech.Transcript(Whisper, "en", sound.AsSpan(0, 30 * 32_000)) + "..", heard);
    }

    [Theory]
    [InlineData("en", true)]
    [InlineData("ja", true)]
    [InlineData("de", false)]
    [InlineData("martian", false)]
    public async Task Silence_is_a_full_stop_in_two_languages_and_nothing_in_others(string language, bool isTold)
    {
        await using var bench = new Bench();
        var reply = bench.Client.Ask(Infer(SetupWhisper(bench, language, "asr.utf-8"), "asr.base64", new byte[32_000]));
        Assert.Equal(isTold ? "." : "", isTold ? Replies.Data(reply) : reply);
    }

    [Theory]
    [InlineData("asr.mp3.base64")]
    [InlineData("asr.wav.base64")]
    [InlineData("asr.wav")]
    public async Task What_it_cannot_read_is_not_answered(string objectName)
    {
        await using var bench = new Bench();
        Assert.Equal("", bench.Client.Ask(Infer(SetupWhisper(bench, "en", "asr.utf-8"), objectName, Sound)));
        Assert.Single(bench.Device.Mistakes);
    }

    [Fact]
    public async Task A_setup_needs_a_language_and_there_is_one_task()
    {
        await using var bench = new Bench();
        Assert.Equal(-5, Replies.Code(bench.Client.Ask(BenchClient.SetupText("s", Whisper, "whisper", more: ""","language":null"""))));
        SetupWhisper(bench, "en", "asr.utf-8");
        Assert.Equal(-21, Replies.Code(bench.Client.Ask(BenchClient.SetupText("s", Whisper, "whisper"))));
    }

    [Fact]
    public async Task Asr_says_all_so_far_and_finishes_at_a_silence()
    {
        await using var bench = new Bench();
        var id = bench.Client.Setup(Asr, "asr", "asr.utf-8.stream");
        var sound = SimulatedSpeech.Tone("", new string('x', 50), SimulatedSpeech.RecognitionRate); // three seconds
        bench.Client.Send(Infer(id, "asr.base64", sound));
        var lines = bench.Client.Lines();
        Assert.Equal((3, 0), (lines.Length, Replies.Finishes(lines)));
        Assert.Equal(SimulatedSpeech.Transcript(Asr, "", sound.AsSpan(0, Loud(sound, 32_000))).ToLowerInvariant(), Replies.Text(lines[0]));
        bench.Client.Send(Infer(id, "asr.base64", new byte[2 * 32_000]));
        var rest = bench.Client.Lines();
        Assert.Equal(1, Replies.Finishes(rest));
        Assert.Equal(SimulatedSpeech.Transcript(Asr, "", sound.AsSpan(0, Loud(sound, sound.Length))).ToLowerInvariant(), Replies.Text(rest[^1]));
    }

    /// <summary>Where the sound's last loud sample ends, among its first bytes.</summary>
    private static int Loud(byte[] sound, int count)
    {
        while (count >= 2 && SimulatedSpeech.IsQuiet(sound.AsSpan(count - 2, 2))) count -= 2;
        return count;
    }

    private static string SetupWhisper(Bench bench, string language, string format) =>
        bench.Client.Setup(Whisper, "whisper", format, more: $",\"language\":\"{language}\"");

    private static string Infer(string id, string objectName, byte[] sound) =>
        $$"""{"request_id":"a","work_id":"{{id}}","action":"inference","object":"{{objectName}}","data":"{{Convert.ToBase64String(sound)}}"}""";
}
