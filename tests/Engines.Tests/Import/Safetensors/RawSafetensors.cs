using System.Text;

namespace StreamCore.Engines.Tests.Import.Safetensors;

/// <summary>Safetensors files written byte by byte, right or wrong.</summary>
internal static class RawSafetensors
{
    public static void Write(string path, string header, int dataBytes, long? headerLength = null)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(headerLength ?? json.Length), .. json, .. new byte[dataBytes]]);
    }
}
