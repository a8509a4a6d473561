using System.Globalization;
using System.Text;

namespace StreamCore.Transport.Writing;

/// <summary>The Date field (RFC 9110 §6.6.1), made anew once a second and shared by all connections.</summary>
internal sealed class DateHeader(TimeProvider time)
{
    private Rendered _last = new(long.MinValue, []);

    /// <summary>The whole line with its end.</summary>
    public ReadOnlySpan<byte> Line
    {
        get
        {
            var now = time.GetUtcNow();
            var second = now.Ticks / TimeSpan.TicksPerSecond;
            var last = Volatile.Read(ref _last);
            if (last.Second == second) return last.Line;

            var line = Encoding.ASCII.GetBytes("Date: " + now.ToString("R", CultureInfo.InvariantCulture) + "\r\n");
            Volatile.Write(ref _last, new(second, line));
            return line;
        }
    }

    private sealed record Rendered(long Second, byte[] Line);
}
