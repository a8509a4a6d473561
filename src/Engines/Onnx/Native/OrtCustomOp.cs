using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>
/// ONNX Runtime's description of an operator, as its C header lays it out up to API version 17: a version, then functions.
/// A function that is null is not offered. Times are the library's: it keeps the pointer for as long as the op's domain lives.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OrtCustomOp
{
    public uint Version;

    /// <summary>Never called from version 16 on, when <see cref="CreateKernelV2"/> is given.</summary>
    public nint CreateKernel;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, byte*> GetName;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, byte*> GetExecutionProviderType;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint, OrtElementType> GetInputType;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint> GetInputTypeCount;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint, OrtElementType> GetOutputType;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint> GetOutputTypeCount;

    /// <summary>Never called from version 16 on, when <see cref="KernelComputeV2"/> is given.</summary>
    public nint KernelCompute;
    public delegate* unmanaged[Cdecl]<nint, void> KernelDestroy;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint, int> GetInputCharacteristic;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint, int> GetOutputCharacteristic;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nuint, int> GetInputMemoryType;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetVariadicInputMinArity;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetVariadicInputHomogeneity;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetVariadicOutputMinArity;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetVariadicOutputHomogeneity;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, nint, nint, nint*, nint> CreateKernelV2;
    public delegate* unmanaged[Cdecl]<nint, nint, nint> KernelComputeV2;
    public nint InferOutputShape;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetStartVersion;
    public delegate* unmanaged[Cdecl]<OrtCustomOp*, int> GetEndVersion;
}
