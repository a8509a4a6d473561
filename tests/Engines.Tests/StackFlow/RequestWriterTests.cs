using System.Buffers;
using System.Text;
using System.Text.Json;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Engines.StackFlow.Wire;
using Xunit;

namespace StreamCore.Engines.Tests.StackFlow;

/// <summary>Requests, byte for byte, and as the device's own scanner sees them.</summary>
public sealed class RequestWriterTests
{
    [Fact]
    public void Keys_come_in_the_order_that_the_units_search_them()
    {
        Assert.Equal(
            """{"request_id":"r1","work_id":"sys","action":"ping","object":"None","data":"None"}""" + "\n",
            Written(new("r1", "sys", "ping", "None", RequestData.None)));
        Assert.Equal(
            """{"request_id":"s1","work_id":"llm","action":"setup","object":"llm.setup","data":{"model":"m","enoutput":true,"n":-3,"t":0.25}}""" + "\n",
            Written(new("s1", "llm", "setup", "llm.setup", new RequestData.Settings([new("model", "m"), new("enoutput", true), new("n", -3), new("t", 0.25)]))));
    }

    [Theory]
    [InlineData("say \"hi\" \\o/", """say \"hi\" \\o/""")]
    [InlineData("a\nb\rc\td", """a\nb\rc\td""")]
    [InlineData("\0\u0001\b\f\u001f", """\u0000\u0001\u0008\u000c\u001f""")]
    [InlineData("if {x} }{", """if \u007bx\u007d \u007d\u007b""")]
    [InlineData("\\{", """\\\u007b""")]
    [InlineData("naïve 日本語 😀\u007f\u2028", "naïve 日本語 😀\u007f\u2028")]
    public void Text_is_escaped_as_the_units_can_read_it(string text, string expected) =>
        Assert.Contains($"\"data\":\"{expected}\"}}", Written(new("r", "llm.1000", "inference", "llm.utf-8", new RequestData.Text(text))), StringComparison.Ordinal);

    [Fact]
    public void Halves_of_surrogate_pairs_are_replaced()
    {
        var written = Written(new("r", "llm.1000", "inference", "llm.utf-8", new RequestData.Text("half \ud83d pair \ude00 😀")));
        Assert.Contains("half \ufffd pair \ufffd 😀", written, StringComparison.Ordinal);
        var request = Assert.Single(InferenceRequests.Of(UnitKind.Llm, new() { Text = "x\ud83d" }));
        Assert.Equal("x\ufffd", Encoding.UTF8.GetString(Assert.IsType<RequestData.Base64>(request.Data).Value.Span));
    }

    [Fact]
    public void Any_text_is_one_message_for_a_scanner_that_counts_braces_in_strings()
    {
        var random = new Random(7);
        const string Alphabet = "{}\\\"\n\r\t\0 aé日{}\ud83d\ude00";
        for (var round = 0; round < 3000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var written = Written(new("r", "llm.1000", "inference", "llm.utf-8",
                random.Next(2) == 0 ? new RequestData.Text(text) : new RequestData.Settings([new("prompt", text)])));
            Assert.Equal(written.Length - 1, EndByBraces(written));
            var data = JsonElement.Parse(written).GetProperty("data");
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), data.ValueKind == JsonValueKind.String ? data.GetString() : data.GetProperty("prompt").GetString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3071)]
    [InlineData(3072)]
    [InlineData(3073)]
    [InlineData(200_000)]
    public void Bytes_go_as_one_string_of_base64(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        var written = Written(new("r", "vlm.1000", "inference", "vlm.jpeg.base64", new RequestData.Base64(bytes)));
        Assert.Contains($"\"data\":\"{Convert.ToBase64String(bytes)}\"}}\n", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llm", "a \\n {b} \"c\" 😀", "a \\\\n {b} \"c\" 😀")]
    [InlineData("vlm", "a \\n {b}", "a \\n {b}")]
    [InlineData("llm", "", " ")]
    [InlineData("llm", "reset", "reset ")]
    [InlineData("vlm", "reset", "reset ")]
    [InlineData("llm", "Reset", "Reset")]
    [InlineData("llm", "reset please", "reset please")]
    [InlineData("melotts", "None", "None ")]
    [InlineData("melotts", "3 \\ 4", "3 \\\\ 4")]
    public void Text_for_units_is_base64_of_what_they_unescape_to_the_text(string unit, string text, string sent)
    {
        var request = Assert.Single(InferenceRequests.Of(UnitKind.Find(unit)!, new() { Text = text }));
        Assert.Contains("base64", request.Object, StringComparison.Ordinal);
        Assert.Equal(sent, Encoding.UTF8.GetString(Assert.IsType<RequestData.Base64>(request.Data).Value.Span));
    }

    [Fact]
    public void Only_a_reset_sends_the_bare_word() =>
        Assert.Equal("reset", Encoding.UTF8.GetString(Assert.IsType<RequestData.Base64>(Assert.Single(InferenceRequests.Reset(UnitKind.Llm)).Data).Value.Span));

    private static string Written(Request request)
    {
        var output = new ArrayBufferWriter<byte>();
        RequestWriter.Write(output, request);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Where the device sees the end of the first message.</summary>
    private static int EndByBraces(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0) return i + 1;
        }
        return -1;
    }
}
