using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>The border between ONNX Runtime's statuses and exceptions, both ways.</summary>
internal static unsafe class OrtStatus
{
    private const int Fail = 1;

    /// <summary>Throws what a status says and releases it. No status is success.</summary>
    /// <exception cref="OrtException">The status was one of failure.</exception>
    public static void ThrowIfFailed(OrtApi api, nint status)
    {
        if (status == 0) return;
        var error = new OrtException(Marshal.PtrToStringUTF8(api.GetErrorMessage(status)) ?? "no message", api.GetErrorCode(status));
        api.Release(OrtApi.Entry.ReleaseStatus, status);
        throw error;
    }

    /// <summary>The status that carries an exception through native code; who receives it releases it.</summary>
    public static nint From(OrtApi api, Exception error)
    {
        var message = Marshal.StringToCoTaskMemUTF8(error.InnerException is { } inner ? $"{error.Message}: {inner.Message}" : error.Message);
        try
        {
            return api.CreateStatus(Fail, (byte*)message);
        }
        finally
        {
            Marshal.FreeCoTaskMem(message);
        }
    }
}
