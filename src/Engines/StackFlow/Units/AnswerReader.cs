using System.Text;
using StreamCore.Engines.StackFlow.Wire;

namespace StreamCore.Engines.StackFlow.Units;

/// <summary>Makes the parts of an answer of its replies, and sees its end.</summary>
internal sealed class AnswerReader(string device, UnitKind unit)
{
    /// <summary>Whether any text or audio has come.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Whether the answer is at an end if nothing more comes.</summary>
    public bool EndsQuietly { get; private set; }

    /// <summary>The part in a reply; null where there is none.</summary>
    /// <exception cref="DeviceException">It is an error.</exception>
    public UnitDelta? Read(Reply reply, out bool isEnd)
    {
        if (reply.Code != 0) throw DeviceException.Of(device, reply);
        isEnd = IsEnd(unit, reply);
        if (reply.IsAcknowledgement || reply.Text is not { } text) return null;
        EndsQuietly = unit.Ending == AnswerEnding.Quiet && (reply.IsFinish || !reply.IsDelta);
        if (text.Length == 0) return null;
        var delta = unit.Purpose == UnitPurpose.Speech
            ? new UnitDelta("", Audio(text, reply.IsFinish))
            : new UnitDelta(text, default, IsFinal: EndsQuietly);
        HasContent = true;
        return delta;
    }

    /// <summary>Whether the answer ends with this reply.</summary>
    public static bool IsEnd(UnitKind unit, Reply reply)
    {
        if (reply.Code != 0 || reply.IsAcknowledgement || reply.Text is null) return false;
        // A whole text instead of deltas is all there will be.
        return unit.Ending == AnswerEnding.OneMessage || unit.Ending == AnswerEnding.Mark && (reply.IsFinish || !reply.IsDelta);
    }

    private byte[] Audio(string base64, bool isLast)
    {
        byte[] audio;
        try
        {
            audio = Convert.FromBase64String(base64);
        }
        catch (FormatException fault)
        {
            throw new DeviceException(DeviceFault.Refused, $"{device}: {unit} sent audio that is not base64.", fault);
        }
        // This unit tells its errors as audio that is a sentence. No sound has samples of letters only.
        if (unit == UnitKind.CosyVoice && isLast && !audio.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            throw new DeviceException(DeviceFault.Refused, $"{device}: {unit} failed: {Encoding.ASCII.GetString(audio)}");
        return audio;
    }
}
