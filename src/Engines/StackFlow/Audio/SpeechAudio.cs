using System.Buffers.Binary;

namespace StreamCore.Engines.StackFlow.Audio;

/// <summary>Recordings as recognition takes them: 16-bit little-endian samples, mono, 16 kHz.</summary>
internal static class SpeechAudio
{
    public const int SampleRate = 16_000;

    public const int SampleBytes = 2;

    /// <summary>What <c>whisper</c> hears at a time; the rest would be cut off.</summary>
    private const int MaxChunkSeconds = 30;

    /// <summary>A chunk is cut where it is quietest, from here on.</summary>
    private const int MinChunkSeconds = 20;

    private const int WindowSamples = SampleRate / 50;

    /// <summary>Below -60 dB of the loudest possible nobody speaks.</summary>
    private const int QuietAmplitude = 32;

    /// <summary>Cuts a recording into chunks that are heard whole, in the middle of silences where there are any.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(ReadOnlyMemory<byte> audio)
    {
        const int Max = MaxChunkSeconds * SampleRate * SampleBytes;
        audio = audio[..(audio.Length / SampleBytes * SampleBytes)];
        while (audio.Length > Max)
        {
            var cut = QuietestCut(audio.Span[..Max]);
            yield return audio[..cut];
            audio = audio[cut..];
        }
        if (!audio.IsEmpty) yield return audio;
    }

    /// <summary>Whether there is nothing to be heard.</summary>
    public static bool IsQuiet(ReadOnlySpan<byte> audio)
    {
        for (var at = 0; at + 1 < audio.Length; at += SampleBytes)
        {
            if (Math.Abs((int)BinaryPrimitives.ReadInt16LittleEndian(audio[at..])) >= QuietAmplitude) return false;
        }
        return true;
    }

    /// <summary>The same with silence behind it, which is what ends a stretch of speech.</summary>
    public static byte[] WithSilence(ReadOnlyMemory<byte> audio, double seconds)
    {
        var longer = new byte[audio.Length + (int)(seconds * SampleRate) * SampleBytes];
        audio.CopyTo(longer);
        return longer;
    }

    private static int QuietestCut(ReadOnlySpan<byte> audio)
    {
        const int Window = WindowSamples * SampleBytes;
        var (best, least) = (audio.Length, double.MaxValue);
        for (var at = MinChunkSeconds * SampleRate * SampleBytes; at + Window <= audio.Length; at += Window)
        {
            var energy = 0.0;
            for (var i = at; i < at + Window; i += SampleBytes)
            {
                double sample = BinaryPrimitives.ReadInt16LittleEndian(audio[i..]);
                energy += sample * sample;
            }
            // Among equals the last: fewer chunks.
            if (energy > least) continue;
            (best, least) = (at + WindowSamples / 2 * SampleBytes, energy);
        }
        return best;
    }
}
