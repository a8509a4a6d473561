using System.Buffers;
using System.Globalization;
using StreamCore.Protocol;

namespace StreamCore.Micro;

/// <summary>What a chunk of a chat stream costs to encode, without its way to the socket, which the measures of <c>Http</c> include.</summary>
internal static class StreamCosts
{
    private const int ChunksACall = 100; // one takes too little to be timed

    public static void Run(TextWriter output)
    {
        var encoder = new ChatStreamEncoder(new ResponseStamp("chatcmpl-0123456789abcdef01234567", 1_700_000_000, "model", "fp_0123456789"), includeUsage: false);
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        var score = new TokenScore(" stream"u8.ToArray(), -1.2345678f);
        TokenLogprobs[] logprobs = [new TokenLogprobs(score, [.. Enumerable.Repeat(score, 20)], 17)];
        output.WriteLine("| a chunk | p50 | p99 | bytes |");
        output.WriteLine("| --- | --- | --- | --- |");
        Print("a word", () => encoder.ContentChunk(buffer, 0, " stream"u8));
        Print("text with escapes", () => encoder.ContentChunk(buffer, 0, "\"a\"\n\t"u8));
        Print("a word with 20 logprobs", () => encoder.LogprobsChunk(buffer, 0, " stream"u8.ToArray(), logprobs));

        void Print(string name, Action encode)
        {
            var times = Cost.Measure(2000, _ => buffer.ResetWrittenCount(), _ =>
            {
                for (var i = 0; i < ChunksACall; i++) encode();
            });
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {1000 * times[times.Length / 2] / ChunksACall:0} ns | {1000 * times[times.Length * 99 / 100] / ChunksACall:0} ns | {buffer.WrittenCount / ChunksACall} |"));
        }
    }
}
