using System.Globalization;
using System.Text;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>What goes out: one object a line, keys in alphabetical order, UTF-8 as it is.</summary>
internal static class Reply
{
    public const string None = "\"None\"";

    /// <param name="data">JSON as it goes out.</param>
    public static byte[] Of(long created, string data, string objectName, string requestId, string workId) =>
        Line($$"""{"created":{{Number(created)}},"data":{{data}},"error":{"code":0,"message":""},"object":{{Quote(objectName)}},"request_id":{{Quote(requestId)}},"work_id":{{Quote(workId)}}}""");

    /// <summary>An error, or with code 0 an acknowledgement.</summary>
    public static byte[] Acknowledge(long created, int code, string message, string requestId, string workId) =>
        Line($$"""{"created":{{Number(created)}},"data":"None","error":{"code":{{Number(code)}},"message":{{Quote(message)}}},"object":"None","request_id":{{Quote(requestId)}},"work_id":{{Quote(workId)}}}""");

    /// <summary>An acknowledgement of old firmware.</summary>
    public static byte[] AcknowledgeThinly(int code, string message, string requestId, string workId) =>
        Line($$"""{"error":{"code":{{Number(code)}},"message":{{Quote(message)}}},"request_id":{{Quote(requestId)}},"work_id":{{Quote(workId)}}}""");

    /// <summary>The receive state was reset. The one message without a newline.</summary>
    public static byte[] Reset(long created) =>
        Encoding.UTF8.GetBytes($$$"""{"request_id": "0","work_id": "sys","created": {{{Number(created)}}},"error":{"code":-1, "message":"reace reset"}}""");

    /// <summary>The data of a streamed payload.</summary>
    public static string Delta(string delta, int index, bool finish) =>
        $$"""{"delta":{{Quote(delta)}},"finish":{{(finish ? "true" : "false")}},"index":{{Number(index)}}}""";

    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' => quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static byte[] Line(string json) => Encoding.UTF8.GetBytes(json + "\n");
}
