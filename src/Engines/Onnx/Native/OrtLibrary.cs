using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// ONNX Runtime's native library, loaded once per process and never unloaded, with the objects of which a process has one:
/// its environment, the description of plain memory, and the domain of our operator.
/// </summary>
internal sealed unsafe class OrtLibrary
{
    /// <summary>The version that the build fetches (NativeLibraries.targets).</summary>
    public const string FetchedVersion = "1.30.0";

    public const string PathVariable = "STREAMCORE_ONNXRUNTIME";

    private static readonly Lock Loading = new();
    private static OrtLibrary? _loaded;

    private OrtLibrary(string path)
    {
        Path = path;
        NativeHeap.ReturnLargeBlocks();
        var library = NativeLibrary.Load(path);
        var apiBase = ((delegate* unmanaged[Cdecl]<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)apiBase[1])()) ?? "";
        var table = ((delegate* unmanaged[Cdecl]<uint, nint*>)apiBase[0])(OrtApi.Version);
        if (table == null)
            throw new OrtLibraryException($"'{path}' is ONNX Runtime {Version}; 1.{OrtApi.Version} or later is needed.");
        Api = new OrtApi(table);
        Environment = Api.CreateEnv("streamcore");
        CpuMemory = Api.CreateCpuMemoryInfo();
        Domain = OwnOps.Register(Api);
    }

    public string Path { get; }

    /// <summary>As the library itself gives it.</summary>
    public string Version { get; }

    public OrtApi Api { get; }

    public nint Environment { get; }

    public nint CpuMemory { get; }

    public nint Domain { get; }

    /// <summary>Loads the library, or gives the one that is loaded already.</summary>
    /// <param name="path">Where it is; when null, <c>STREAMCORE_ONNXRUNTIME</c>, then beside the program, then the build's cache.</param>
    /// <exception cref="OrtLibraryException">There is none, or not a usable one; the message is one line that says what to do.</exception>
    public static OrtLibrary Load(string? path)
    {
        lock (Loading)
        {
            var found = Find(path, System.Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
            if (_loaded is not null)
            {
                return path is null || found == _loaded.Path ? _loaded : throw new OrtLibraryException(
                    $"ONNX Runtime is loaded from '{_loaded.Path}' and one process can have only one: use the same path for every model.");
            }
            try
            {
                return _loaded = new OrtLibrary(found);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
            {
                throw new OrtLibraryException(
                    $"'{found}' is not an ONNX Runtime library for {Rid} ({error.Message.ReplaceLineEndings(" ")}): " +
                    $"set {PathVariable} to one that is.", error);
            }
        }
    }

    /// <summary>The first place that holds the library; a path the user gave must hold it.</summary>
    internal static string Find(string? path, Func<string, string?> variable, string programFolder)
    {
        path ??= variable(PathVariable) is { Length: > 0 } set ? set : null;
        if (path is not null)
        {
            return File.Exists(path) ? path : throw new OrtLibraryException(
                $"There is no ONNX Runtime library at '{path}': correct the path, or leave it out to use the one fetched by the build.");
        }
        string[] places =
        [
            System.IO.Path.Combine(programFolder, "runtimes", Rid, "native", FileName),
            System.IO.Path.Combine(CacheFolder(variable), "onnxruntime", FetchedVersion, Rid, FileName),
        ];
        return Array.Find(places, File.Exists) ?? throw new OrtLibraryException(
            $"ONNX Runtime for {Rid} was not found in {string.Join(" or ", places.Select(place => $"'{place}'"))}: " +
            $"build with npm on the path to fetch it, or set {PathVariable} to the path of {FileName}.");
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.1.dylib" : "libonnxruntime.so.1";

    private static string Rid =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux") + "-" +
        (RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x64", Architecture.Arm64 => "arm64", var other => $"{other}" });

    private static string CacheFolder(Func<string, string?> variable)
    {
        if (variable("STREAMCORE_NATIVE_CACHE") is { Length: > 0 } cache) return cache;
        var root =
            variable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg :
            OperatingSystem.IsWindows() ? variable("LOCALAPPDATA") ?? "" :
            System.IO.Path.Combine(variable("HOME") ?? "", ".cache");
        return System.IO.Path.Combine(root, "streamcore", "native");
    }
}
