using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamCore.StackFlowSimulator;

/// <summary>
/// The sound that simulated speech models make, and the text that simulated recognition makes of sound: computed by fixed rules, so that a
/// test can compute them itself. It is a simulator's tone, not speech. All sound is 16-bit little-endian mono PCM without a header.
/// </summary>
public static class SimulatedSpeech
{
    /// <summary>Samples a second of what is recognised.</summary>
    public const int RecognitionRate = 16_000;

    private const double SecondsPerCharacter = 0.06;
    private const double WordsPerSecond = 2.5;
    private const int Loudness = 8000;
    private const int Quiet = 64;
    private const string Separators = ",、，.。!！?？;；";

    /// <summary>A sine tone of 60 ms for each character of the text, at a pitch from 200 to 800 Hz that model, voice and text decide.</summary>
    public static byte[] Tone(string model, string text, int rate, string voice = "")
    {
        var pitch = 200 + (BinaryPrimitives.ReadUInt16LittleEndian(Hash(model + '\0' + voice + '\0' + text)) % 600);
        var pcm = new byte[2 * (int)(text.EnumerateRunes().Count() * SecondsPerCharacter * rate)];
        for (var i = 0; i < pcm.Length / 2; i++)
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(2 * i), (short)(Loudness * Math.Sin(2 * Math.PI * pitch * i / rate)));
        return pcm;
    }

    /// <summary>The text cut after each separator; what is left after the last is the last piece, and may be empty.</summary>
    public static IReadOnlyList<string> Pieces(string text)
    {
        var pieces = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!Separators.Contains(text[i])) continue;
            pieces.Add(text[start..(i + 1)]);
            start = i + 1;
        }

        pieces.Add(text[start..]);
        return pieces;
    }

    /// <summary>The words heard: five for each two seconds begun, drawn by a hash of the model, the language and the samples; none where all is quiet.</summary>
    public static string Transcript(string model, string language, ReadOnlySpan<byte> pcm)
    {
        if (IsQuiet(pcm)) return "";
        var words = (int)Math.Ceiling(pcm.Length / 2 / (double)RecognitionRate * WordsPerSecond);
        return SimulatedText.Words(model, language + '\0' + Convert.ToHexString(SHA256.HashData(pcm)), words);
    }

    /// <summary>No sample is louder than a whisper's noise.</summary>
    internal static bool IsQuiet(ReadOnlySpan<byte> pcm)
    {
        for (var i = 0; i + 1 < pcm.Length; i += 2)
        {
            if (Math.Abs((int)BinaryPrimitives.ReadInt16LittleEndian(pcm[i..])) >= Quiet) return false;
        }

        return true;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
