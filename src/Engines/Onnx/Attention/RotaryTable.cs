using System.Runtime.CompilerServices;
using StreamCore.Engines.Onnx.Native;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>Cosines and sines of every position, [position][HeadSize / 2] each.</summary>
internal sealed unsafe class RotaryTable : IDisposable
{
    private readonly NativeBuffer<float> _cosines;
    private readonly NativeBuffer<float> _sines;

    /// <param name="inverseFrequencies">Radians per token, half the head size of them.</param>
    /// <param name="scale">Factor on every cosine and sine.</param>
    /// <param name="positions">How many positions are wanted, from 0.</param>
    public RotaryTable(ReadOnlySpan<float> inverseFrequencies, float scale, int positions)
    {
        Half = inverseFrequencies.Length;
        Positions = positions;
        _cosines = new((long)positions * Half);
        _sines = new((long)positions * Half);
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < Half; i++)
            {
                // The angle is rounded to a float first, as the models' own code does it.
                var (sine, cosine) = Math.SinCos(position * inverseFrequencies[i]);
                Cosines(position)[i] = (float)cosine * scale;
                Sines(position)[i] = (float)sine * scale;
            }
        }
    }

    public int Half { get; }

    public int Positions { get; }

    public float* Cosines(int position) => _cosines.Pointer + (long)position * Half;

    public float* Sines(int position) => _sines.Pointer + (long)position * Half;

    /// <summary>Rotates the two halves of a head against each other, by the angles of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rotate<TLanes, TVector>(float* source, float* target, int position, float scale)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        var cosines = Cosines(position);
        var sines = Sines(position);
        var factor = TLanes.Broadcast(scale);
        var i = 0;
        for (; i + TLanes.Count <= Half; i += TLanes.Count)
        {
            var a = TLanes.Multiply(TLanes.Load(source + i), factor);
            var b = TLanes.Multiply(TLanes.Load(source + Half + i), factor);
            var cosine = TLanes.Load(cosines + i);
            var sine = TLanes.Load(sines + i);
            TLanes.Store(TLanes.Subtract(TLanes.Multiply(a, cosine), TLanes.Multiply(b, sine)), target + i);
            TLanes.Store(TLanes.Add(TLanes.Multiply(b, cosine), TLanes.Multiply(a, sine)), target + Half + i);
        }
        for (; i < Half; i++)
        {
            float a = source[i] * scale, b = source[Half + i] * scale;
            target[i] = a * cosines[i] - b * sines[i];
            target[Half + i] = b * cosines[i] + a * sines[i];
        }
    }

    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }
}
