using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>One of ONNX Runtime's objects, released by the entry of its kind.</summary>
internal abstract class OrtHandle : SafeHandle
{
    private readonly OrtApi _api;
    private readonly int _release;

    private protected OrtHandle(OrtApi api, nint value, int release) : base(0, ownsHandle: true)
    {
        _api = api;
        _release = release;
        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The native pointer, good while this handle is held.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        _api.Release(_release, handle);
        return true;
    }
}

internal sealed class OrtSessionOptionsHandle(OrtApi api, nint value) : OrtHandle(api, value, OrtApi.Entry.ReleaseSessionOptions);

internal sealed class OrtSessionHandle(OrtApi api, nint value) : OrtHandle(api, value, OrtApi.Entry.ReleaseSession);

internal sealed class OrtValueHandle(OrtApi api, nint value) : OrtHandle(api, value, OrtApi.Entry.ReleaseValue);
