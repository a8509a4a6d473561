using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamCore.Engines.StackFlow.Wire;

/// <summary>One request to a device.</summary>
/// <param name="WorkId">A unit, a task, or <c>sys</c>.</param>
internal sealed record Request(string RequestId, string WorkId, string Action, string Object, RequestData Data);

/// <summary>The data of a request.</summary>
internal abstract record RequestData
{
    private RequestData()
    {
    }

    /// <summary>What requests without parameters carry, by custom.</summary>
    public static readonly RequestData None = new Text("None");

    internal abstract void WriteTo(IBufferWriter<byte> output);

    /// <summary>A string.</summary>
    public sealed record Text(string Value) : RequestData
    {
        internal override void WriteTo(IBufferWriter<byte> output) => RequestWriter.WriteString(output, Value);
    }

    /// <summary>Bytes, as a string of base64.</summary>
    public sealed record Base64(ReadOnlyMemory<byte> Value) : RequestData
    {
        /// <summary>A multiple of three, so that only the last piece is padded.</summary>
        private const int PieceBytes = 3 * 1024;

        internal override void WriteTo(IBufferWriter<byte> output)
        {
            output.Write("\""u8);
            for (var left = Value.Span; !left.IsEmpty;)
            {
                var piece = left[..Math.Min(left.Length, PieceBytes)];
                var span = output.GetSpan(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(piece.Length));
                System.Buffers.Text.Base64.EncodeToUtf8(piece, span, out _, out var written);
                output.Advance(written);
                left = left[piece.Length..];
            }
            output.Write("\""u8);
        }
    }

    /// <summary>An object of settings, in this order.</summary>
    public sealed record Settings(IReadOnlyList<Setting> Values) : RequestData
    {
        internal override void WriteTo(IBufferWriter<byte> output)
        {
            for (var i = 0; i < Values.Count; i++)
            {
                output.Write(i == 0 ? "{"u8 : ","u8);
                RequestWriter.WriteString(output, Values[i].Name);
                output.Write(":"u8);
                if (Values[i].Text is { } text) RequestWriter.WriteString(output, text);
                else output.Write(Encoding.ASCII.GetBytes(Values[i].Literal));
            }
            output.Write(Values.Count == 0 ? "{}"u8 : "}"u8);
        }
    }
}

/// <summary>A named value: a string, a number or a boolean.</summary>
internal readonly record struct Setting
{
    public Setting(string name, string value) => (Name, Text, Literal) = (name, value, "");

    public Setting(string name, bool value) => (Name, Text, Literal) = (name, null, value ? "true" : "false");

    public Setting(string name, int value) => (Name, Text, Literal) = (name, null, value.ToString(CultureInfo.InvariantCulture));

    public Setting(string name, double value) => (Name, Text, Literal) = (name, null, value.ToString("R", CultureInfo.InvariantCulture));

    public string Name { get; }

    /// <summary>The string; null for the others.</summary>
    public string? Text { get; }

    /// <summary>The others, as JSON writes them.</summary>
    public string Literal { get; }
}
