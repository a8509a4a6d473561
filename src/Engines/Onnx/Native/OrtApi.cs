using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// The entries of ONNX Runtime's C API that are used here. The API is a table of functions that only ever grows at its end,
/// so a position, once published, holds for every later version. Failures come out as <see cref="OrtException"/>.
/// </summary>
internal sealed unsafe class OrtApi
{
    /// <summary>The version whose table is asked for: the one that brought the last entry used here.</summary>
    public const uint Version = 17;

    /// <summary>Positions in the table.</summary>
    public static class Entry
    {
        public const int CreateStatus = 0;
        public const int GetErrorCode = 1;
        public const int GetErrorMessage = 2;
        public const int CreateEnv = 3;
        public const int CreateSession = 7;
        public const int Run = 9;
        public const int CreateSessionOptions = 10;
        public const int DisableMemPattern = 17;
        public const int SetIntraOpNumThreads = 24;
        public const int CreateCustomOpDomain = 26;
        public const int CustomOpDomainAdd = 27;
        public const int AddCustomOpDomain = 28;
        public const int SessionGetInputCount = 30;
        public const int SessionGetOutputCount = 31;
        public const int SessionGetInputTypeInfo = 33;
        public const int SessionGetOutputTypeInfo = 34;
        public const int SessionGetInputName = 36;
        public const int SessionGetOutputName = 37;
        public const int CreateTensorWithDataAsOrtValue = 49;
        public const int GetTensorMutableData = 51;
        public const int CastTypeInfoToTensorInfo = 55;
        public const int GetTensorElementType = 60;
        public const int GetDimensionsCount = 61;
        public const int GetDimensions = 62;
        public const int GetTensorTypeAndShape = 65;
        public const int CreateCpuMemoryInfo = 69;
        public const int AllocatorFree = 76;
        public const int GetAllocatorWithDefaultOptions = 78;
        public const int KernelInfoGetAttributeInt64 = 86;
        public const int KernelContextGetInput = 90;
        public const int KernelContextGetOutput = 91;
        public const int ReleaseEnv = 92;
        public const int ReleaseStatus = 93;
        public const int ReleaseMemoryInfo = 94;
        public const int ReleaseSession = 95;
        public const int ReleaseValue = 96;
        public const int ReleaseTypeInfo = 98;
        public const int ReleaseTensorTypeAndShapeInfo = 99;
        public const int ReleaseSessionOptions = 100;
        public const int ReleaseCustomOpDomain = 101;
        public const int AddSessionConfigEntry = 130;
        public const int KernelContextParallelFor = 274;
    }

    private readonly nint* _table;

    /// <param name="table">What <c>OrtApiBase.GetApi</c> gave.</param>
    public OrtApi(nint* table) => _table = table;

    public nint CreateStatus(int code, byte* message) =>
        ((delegate* unmanaged[Cdecl]<int, byte*, nint>)_table[Entry.CreateStatus])(code, message);

    public int GetErrorCode(nint status) =>
        ((delegate* unmanaged[Cdecl]<nint, int>)_table[Entry.GetErrorCode])(status);

    /// <summary>UTF-8 text that lives as long as the status.</summary>
    public nint GetErrorMessage(nint status) =>
        ((delegate* unmanaged[Cdecl]<nint, nint>)_table[Entry.GetErrorMessage])(status);

    public void Release(int entry, nint value) => ((delegate* unmanaged[Cdecl]<nint, void>)_table[entry])(value);

    /// <summary>Logs nothing below fatal: what goes wrong comes back as a status, once.</summary>
    public nint CreateEnv(string name)
    {
        const int fatal = 4;
        nint value;
        using var text = new Utf8(name);
        Check(((delegate* unmanaged[Cdecl]<int, byte*, nint*, nint>)_table[Entry.CreateEnv])(fatal, text.Pointer, &value));
        return value;
    }

    public nint CreateCpuMemoryInfo()
    {
        const int arena = 1, byDefault = 0;
        nint value;
        Check(((delegate* unmanaged[Cdecl]<int, int, nint*, nint>)_table[Entry.CreateCpuMemoryInfo])(arena, byDefault, &value));
        return value;
    }

    public nint CreateSessionOptions()
    {
        nint value;
        Check(((delegate* unmanaged[Cdecl]<nint*, nint>)_table[Entry.CreateSessionOptions])(&value));
        return value;
    }

    public void DisableMemPattern(nint options) =>
        Check(((delegate* unmanaged[Cdecl]<nint, nint>)_table[Entry.DisableMemPattern])(options));

    public void SetIntraOpNumThreads(nint options, int count) =>
        Check(((delegate* unmanaged[Cdecl]<nint, int, nint>)_table[Entry.SetIntraOpNumThreads])(options, count));

    public void AddSessionConfigEntry(nint options, string key, string value)
    {
        using var k = new Utf8(key);
        using var v = new Utf8(value);
        Check(((delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint>)_table[Entry.AddSessionConfigEntry])(options, k.Pointer, v.Pointer));
    }

    public nint CreateCustomOpDomain(string name)
    {
        nint value;
        using var text = new Utf8(name);
        Check(((delegate* unmanaged[Cdecl]<byte*, nint*, nint>)_table[Entry.CreateCustomOpDomain])(text.Pointer, &value));
        return value;
    }

    /// <summary>The domain keeps the pointer: the op must outlive it.</summary>
    public void CustomOpDomainAdd(nint domain, OrtCustomOp* op) =>
        Check(((delegate* unmanaged[Cdecl]<nint, OrtCustomOp*, nint>)_table[Entry.CustomOpDomainAdd])(domain, op));

    /// <summary>The options keep the pointer: the domain must outlive every session made from them.</summary>
    public void AddCustomOpDomain(nint options, nint domain) =>
        Check(((delegate* unmanaged[Cdecl]<nint, nint, nint>)_table[Entry.AddCustomOpDomain])(options, domain));

    public nint CreateSession(nint env, string path, nint options)
    {
        nint value;
        // The one string whose characters are the system's own: UTF-16 on Windows.
        var text = OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(path) : Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            Check(((delegate* unmanaged[Cdecl]<nint, nint, nint, nint*, nint>)_table[Entry.CreateSession])(env, text, options, &value));
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
        return value;
    }

    public int SessionCount(nint session, bool outputs)
    {
        nuint count;
        var entry = outputs ? Entry.SessionGetOutputCount : Entry.SessionGetInputCount;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_table[entry])(session, &count));
        return (int)count;
    }

    public string SessionName(nint session, bool outputs, int index)
    {
        nint allocator, name;
        Check(((delegate* unmanaged[Cdecl]<nint*, nint>)_table[Entry.GetAllocatorWithDefaultOptions])(&allocator));
        var entry = outputs ? Entry.SessionGetOutputName : Entry.SessionGetInputName;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint, nint*, nint>)_table[entry])(session, (nuint)index, allocator, &name));
        var text = Marshal.PtrToStringUTF8(name)!;
        Check(((delegate* unmanaged[Cdecl]<nint, nint, nint>)_table[Entry.AllocatorFree])(allocator, name));
        return text;
    }

    /// <summary>Element type and shape of an input or output; null when it is no tensor. A dimension of any size is -1.</summary>
    public (OrtElementType Type, long[] Shape)? SessionTensor(nint session, bool outputs, int index)
    {
        nint type, tensor;
        var entry = outputs ? Entry.SessionGetOutputTypeInfo : Entry.SessionGetInputTypeInfo;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)_table[entry])(session, (nuint)index, &type));
        try
        {
            // The tensor's part lives and dies with the whole.
            Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)_table[Entry.CastTypeInfoToTensorInfo])(type, &tensor));
            return tensor == 0 ? null : (GetElementType(tensor), GetShape(tensor));
        }
        finally
        {
            Release(Entry.ReleaseTypeInfo, type);
        }
    }

    /// <summary>A tensor over memory that stays the caller's and must outlive it.</summary>
    public nint CreateTensor(nint memory, void* data, long bytes, ReadOnlySpan<long> shape, OrtElementType type)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged[Cdecl]<nint, void*, nuint, long*, nuint, OrtElementType, nint*, nint>)
                _table[Entry.CreateTensorWithDataAsOrtValue])(memory, data, (nuint)bytes, dimensions, (nuint)shape.Length, type, &value));
        }
        return value;
    }

    public void* GetTensorMutableData(nint value)
    {
        void* data;
        Check(((delegate* unmanaged[Cdecl]<nint, void**, nint>)_table[Entry.GetTensorMutableData])(value, &data));
        return data;
    }

    /// <summary>Number of elements of a two-dimensional tensor as rows and columns; (-1, -1) for any other.</summary>
    public (long Rows, long Columns) GetMatrixShape(nint value)
    {
        var shape = stackalloc long[2];
        return TryGetShape(value, shape, 2) ? (shape[0], shape[1]) : (-1, -1);
    }

    /// <summary>Number of elements of a tensor of one dimension; -1 for any other.</summary>
    public long GetVectorLength(nint value)
    {
        long length;
        return TryGetShape(value, &length, 1) ? length : -1;
    }

    public void Run(nint session, byte** inputNames, nint* inputs, int inputCount, byte** outputNames, int outputCount, nint* outputs) =>
        Check(((delegate* unmanaged[Cdecl]<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_table[Entry.Run])(
            session, 0, inputNames, inputs, (nuint)inputCount, outputNames, (nuint)outputCount, outputs));

    public long KernelInfoGetAttributeInt64(nint info, string name)
    {
        long value;
        using var text = new Utf8(name);
        Check(((delegate* unmanaged[Cdecl]<nint, byte*, long*, nint>)_table[Entry.KernelInfoGetAttributeInt64])(info, text.Pointer, &value));
        return value;
    }

    public nint KernelContextGetInput(nint context, int index)
    {
        nint value;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)_table[Entry.KernelContextGetInput])(context, (nuint)index, &value));
        return value;
    }

    public nint KernelContextGetOutput(nint context, int index, long rows, long columns)
    {
        nint value;
        var shape = stackalloc long[2] { rows, columns };
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, long*, nuint, nint*, nint>)_table[Entry.KernelContextGetOutput])(
            context, (nuint)index, shape, 2, &value));
        return value;
    }

    /// <summary>Calls <paramref name="body"/> with each number below <paramref name="count"/>, each a batch of its own, on the session's threads.</summary>
    public void KernelContextParallelFor(nint context, delegate* unmanaged[Cdecl]<nint, nuint, void> body, int count, nint user) =>
        Check(((delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, nuint, void>, nuint, nuint, nint, nint>)
            _table[Entry.KernelContextParallelFor])(context, body, (nuint)count, (nuint)count, user));

    private OrtElementType GetElementType(nint tensor)
    {
        OrtElementType type;
        Check(((delegate* unmanaged[Cdecl]<nint, OrtElementType*, nint>)_table[Entry.GetTensorElementType])(tensor, &type));
        return type;
    }

    /// <summary>Reads a tensor's shape, without allocating, if it has so many dimensions.</summary>
    private bool TryGetShape(nint value, long* shape, nuint dimensions)
    {
        nint tensor;
        Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)_table[Entry.GetTensorTypeAndShape])(value, &tensor));
        try
        {
            nuint count;
            Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_table[Entry.GetDimensionsCount])(tensor, &count));
            if (count != dimensions) return false;
            Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)_table[Entry.GetDimensions])(tensor, shape, count));
            return true;
        }
        finally
        {
            Release(Entry.ReleaseTensorTypeAndShapeInfo, tensor);
        }
    }

    private long[] GetShape(nint tensor)
    {
        nuint count;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)_table[Entry.GetDimensionsCount])(tensor, &count));
        var shape = new long[count];
        fixed (long* dimensions = shape)
            Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)_table[Entry.GetDimensions])(tensor, dimensions, count));
        return shape;
    }

    private void Check(nint status) => OrtStatus.ThrowIfFailed(this, status);

    /// <summary>A string's bytes with a zero after them, for the time of one call.</summary>
    private readonly ref struct Utf8(string text)
    {
        public byte* Pointer { get; } = (byte*)Marshal.StringToCoTaskMemUTF8(text);

        public void Dispose() => Marshal.FreeCoTaskMem((nint)Pointer);
    }
}
