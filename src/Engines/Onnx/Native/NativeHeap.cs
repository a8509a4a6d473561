using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>The C library's heap, which ONNX Runtime and our own buffers allocate from.</summary>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1, MmapThreshold = -3; // M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
    private const int LargeBytes = 4 << 20;

    /// <summary>
    /// From here on large blocks come from the system and go back to it when they are freed. Left alone, glibc takes blocks of up to
    /// 32 MB from its own heaps once one of that size was freed, and the end of a thread's heap is never trimmed: a model that was
    /// unloaded left that much behind. For the whole process.
    /// </summary>
    public static void ReturnLargeBlocks() => Glibc(static () =>
    {
        _ = MallocOption(MmapThreshold, LargeBytes);
        _ = MallocOption(TrimThreshold, LargeBytes);
    });

    /// <summary>Gives small free blocks back to the system too, which glibc keeps between those still in use.</summary>
    public static void Trim() => Glibc(static () => _ = MallocTrim(0));

    /// <summary>Other libraries have no such calls, and musl need not.</summary>
    private static void Glibc(Action call)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            call();
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    /// <summary>malloc_trim(3).</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);

    /// <summary>mallopt(3).</summary>
    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int option, int value);
}
