using System.Runtime.InteropServices;

namespace StreamCore.Engines.Onnx.Native;

/// <summary>A named input or output over a buffer that is reused from run to run. The tensor is made anew only when its shape changes.</summary>
internal abstract unsafe class OrtTensor : IDisposable
{
    private readonly nint _name;
    private readonly long[] _shape;
    private OrtValueHandle? _value;

    private protected OrtTensor(OrtLibrary library, string name, int rank, OrtElementType type)
    {
        Library = library;
        Name = name;
        Type = type;
        _name = Marshal.StringToCoTaskMemUTF8(name);
        _shape = new long[rank];
    }

    public string Name { get; }

    public OrtElementType Type { get; }

    internal byte* NativeName => (byte*)_name;

    internal nint Value => _value!.Value;

    private protected OrtLibrary Library { get; }

    public virtual void Dispose()
    {
        _value?.Dispose();
        Marshal.FreeCoTaskMem(_name);
    }

    private protected void Bind(void* data, long bytes, ReadOnlySpan<long> shape, bool moved)
    {
        if (_value is not null && !moved && shape.SequenceEqual(_shape)) return;
        _value?.Dispose();
        _value = new OrtValueHandle(Library.Api, Library.Api.CreateTensor(Library.CpuMemory, data, bytes, shape, Type));
        shape.CopyTo(_shape);
    }
}

/// <summary>A tensor of one element type.</summary>
internal sealed unsafe class OrtTensor<T>(OrtLibrary library, string name, int rank)
    : OrtTensor(library, name, rank, typeof(T) == typeof(float) ? OrtElementType.Float : OrtElementType.Int64)
    where T : unmanaged
{
    private NativeBuffer<T> _buffer = new(0);

    /// <summary>All its elements; what an earlier run left there is lost when the buffer has to grow.</summary>
    public Span<T> Reshape(params ReadOnlySpan<long> shape)
    {
        long length = 1;
        foreach (var size in shape) length *= size;
        var before = _buffer;
        _buffer = NativeBuffer<T>.AtLeast(_buffer, length);
        Bind(_buffer.Pointer, _buffer.Length * sizeof(T), shape, moved: _buffer != before);
        return new Span<T>(_buffer.Pointer, checked((int)length));
    }

    public Span<T> Slice(long start, int length) => _buffer.Slice(start, length);

    public override void Dispose()
    {
        base.Dispose();
        _buffer.Dispose();
    }
}
