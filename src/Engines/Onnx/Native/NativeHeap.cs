using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>The C library's heap, which ONNX Runtime and our own buffers allocate from.</summary>
internal static partial class NativeHeap
{
    /// <summary>Gives free memory back to the system. glibc keeps what lies between blocks still in use; other libraries have no such call.</summary>
    public static void Trim()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl
        }
    }

    /// <summary>malloc_trim(3).</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
