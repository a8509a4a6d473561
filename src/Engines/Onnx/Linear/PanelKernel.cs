using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx.Attention;

namespace StreamCore.Engines.Onnx.Linear;

/// <summary>The kernel over panels, for one width of vectors.</summary>
internal sealed unsafe class PanelKernel<TLanes, TCodes, TSums, TFloats> : LinearKernel
    where TLanes : struct, IPanelLanes<TCodes, TSums, TFloats>
    where TCodes : struct
    where TSums : struct
    where TFloats : struct
{
    /// <summary>Vectors of a plane.</summary>
    private const int Vectors = 4;

    private const int VectorBytes = PanelLayout.PlaneBytes / Vectors;

    /// <summary>How far ahead of their use weights are asked for. Without that a step of one row is memory's time and arithmetic's time added up.</summary>
    private const int Ahead = 4608;

    /// <summary>Inputs from a code in a low half to that in the same byte's high half.</summary>
    private const int HighInputs = PanelLayout.BlockInputs / 2;

    private protected override void Multiply(in Tile tile, int rows)
    {
        for (var output = 0; output < PanelLayout.Outputs; output += TLanes.Count)
        {
            switch (rows)
            {
                case 1: Multiply<Rows1>(tile, output); break;
                case 2: Multiply<Rows2>(tile, output); break;
                case 3: Multiply<Rows3>(tile, output); break;
                case 4: Multiply<Rows4>(tile, output); break;
                case 5: Multiply<Rows5>(tile, output); break;
                case 6: Multiply<Rows6>(tile, output); break;
                case 7: Multiply<Rows7>(tile, output); break;
                default: Multiply<Rows8>(tile, output); break;
            }
        }
    }

    private protected override void Gate(float* gates, float* values, long stride, int rows)
    {
        for (var row = 0; row < rows; row++, gates += PanelLayout.Outputs, values += stride)
            for (var output = 0; output < PanelLayout.Outputs; output += TLanes.Count)
                TLanes.Store(TLanes.Gate(TLanes.Load(gates + output), TLanes.Load(values + output)), values + output);
    }

    private static void Multiply<TRows>(in Tile tile, int output) where TRows : struct, IRows
    {
        if (tile.Bits == 4) Multiply<TRows, OnePlane>(tile, output);
        else Multiply<TRows, TwoPlanes>(tile, output);
    }

    /// <summary>Block after block: eight steps of four inputs each for every plane of codes, then the block's sums are scaled and added to the
    /// rows' floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows, TPlanes>(in Tile tile, int output)
        where TRows : struct, IRows
        where TPlanes : struct, IPlanes
    {
        var (blocks, inputs) = (tile.Blocks, tile.Blocks * PanelLayout.BlockInputs);
        var block = tile.Panel + output * 4;
        sbyte* a0 = tile.Codes, a1 = a0 + inputs, a2 = a1 + inputs, a3 = a2 + inputs, a4 = a3 + inputs, a5 = a4 + inputs, a6 = a5 + inputs, a7 = a6 + inputs;
        float* f0 = tile.Scales, f1 = f0 + blocks, f2 = f1 + blocks, f3 = f2 + blocks, f4 = f3 + blocks, f5 = f4 + blocks, f6 = f5 + blocks, f7 = f6 + blocks;
        int* b0 = tile.Starts, b1 = b0 + blocks, b2 = b1 + blocks, b3 = b2 + blocks, b4 = b3 + blocks, b5 = b4 + blocks, b6 = b5 + blocks, b7 = b6 + blocks;
        var first = TLanes.Load(tile.Bias + output);
        TFloats y0 = first, y1 = first, y2 = first, y3 = first, y4 = first, y5 = first, y6 = first, y7 = first;
        for (var b = 0; b < blocks; b++)
        {
            // Sums of the first plane, and of the second where there is one.
            TSums s0 = TLanes.Begin(b0[b]), s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            TSums t0 = TLanes.Begin(0), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0;
            if (TRows.Count > 1) s1 = TLanes.Begin(b1[b]);
            if (TRows.Count > 2) s2 = TLanes.Begin(b2[b]);
            if (TRows.Count > 3) s3 = TLanes.Begin(b3[b]);
            if (TRows.Count > 4) s4 = TLanes.Begin(b4[b]);
            if (TRows.Count > 5) s5 = TLanes.Begin(b5[b]);
            if (TRows.Count > 6) s6 = TLanes.Begin(b6[b]);
            if (TRows.Count > 7) s7 = TLanes.Begin(b7[b]);

            for (var line = 0; line < TPlanes.Count * PanelLayout.PlaneBytes + PanelLayout.ScaleBytes; line += 64)
                if (Sse.IsSupported) Sse.Prefetch0(block + Ahead + line);
            for (var v = 0; v < Vectors; v++)
            {
                var bytes = TLanes.LoadCodes(block + v * VectorBytes);
                var (low, high) = (TLanes.Low(bytes), TLanes.High(bytes));
                var k = b * PanelLayout.BlockInputs + v * 4;
                s0 = TLanes.AddProducts(TLanes.AddProducts(s0, low, a0 + k), high, a0 + k + HighInputs);
                if (TRows.Count > 1) s1 = TLanes.AddProducts(TLanes.AddProducts(s1, low, a1 + k), high, a1 + k + HighInputs);
                if (TRows.Count > 2) s2 = TLanes.AddProducts(TLanes.AddProducts(s2, low, a2 + k), high, a2 + k + HighInputs);
                if (TRows.Count > 3) s3 = TLanes.AddProducts(TLanes.AddProducts(s3, low, a3 + k), high, a3 + k + HighInputs);
                if (TRows.Count > 4) s4 = TLanes.AddProducts(TLanes.AddProducts(s4, low, a4 + k), high, a4 + k + HighInputs);
                if (TRows.Count > 5) s5 = TLanes.AddProducts(TLanes.AddProducts(s5, low, a5 + k), high, a5 + k + HighInputs);
                if (TRows.Count > 6) s6 = TLanes.AddProducts(TLanes.AddProducts(s6, low, a6 + k), high, a6 + k + HighInputs);
                if (TRows.Count > 7) s7 = TLanes.AddProducts(TLanes.AddProducts(s7, low, a7 + k), high, a7 + k + HighInputs);
                if (TPlanes.Count == 1) continue;
                bytes = TLanes.LoadCodes(block + PanelLayout.PlaneBytes + v * VectorBytes);
                (low, high) = (TLanes.Low(bytes), TLanes.High(bytes));
                t0 = TLanes.AddProducts(TLanes.AddProducts(t0, low, a0 + k), high, a0 + k + HighInputs);
                if (TRows.Count > 1) t1 = TLanes.AddProducts(TLanes.AddProducts(t1, low, a1 + k), high, a1 + k + HighInputs);
                if (TRows.Count > 2) t2 = TLanes.AddProducts(TLanes.AddProducts(t2, low, a2 + k), high, a2 + k + HighInputs);
                if (TRows.Count > 3) t3 = TLanes.AddProducts(TLanes.AddProducts(t3, low, a3 + k), high, a3 + k + HighInputs);
                if (TRows.Count > 4) t4 = TLanes.AddProducts(TLanes.AddProducts(t4, low, a4 + k), high, a4 + k + HighInputs);
                if (TRows.Count > 5) t5 = TLanes.AddProducts(TLanes.AddProducts(t5, low, a5 + k), high, a5 + k + HighInputs);
                if (TRows.Count > 6) t6 = TLanes.AddProducts(TLanes.AddProducts(t6, low, a6 + k), high, a6 + k + HighInputs);
                if (TRows.Count > 7) t7 = TLanes.AddProducts(TLanes.AddProducts(t7, low, a7 + k), high, a7 + k + HighInputs);
            }

            var scales = TLanes.LoadScales((ushort*)(block - output * 4 + TPlanes.Count * PanelLayout.PlaneBytes) + output);
            y0 = TLanes.MultiplyAdd(Total<TPlanes>(s0, t0), TLanes.Multiply(scales, f0[b]), y0);
            if (TRows.Count > 1) y1 = TLanes.MultiplyAdd(Total<TPlanes>(s1, t1), TLanes.Multiply(scales, f1[b]), y1);
            if (TRows.Count > 2) y2 = TLanes.MultiplyAdd(Total<TPlanes>(s2, t2), TLanes.Multiply(scales, f2[b]), y2);
            if (TRows.Count > 3) y3 = TLanes.MultiplyAdd(Total<TPlanes>(s3, t3), TLanes.Multiply(scales, f3[b]), y3);
            if (TRows.Count > 4) y4 = TLanes.MultiplyAdd(Total<TPlanes>(s4, t4), TLanes.Multiply(scales, f4[b]), y4);
            if (TRows.Count > 5) y5 = TLanes.MultiplyAdd(Total<TPlanes>(s5, t5), TLanes.Multiply(scales, f5[b]), y5);
            if (TRows.Count > 6) y6 = TLanes.MultiplyAdd(Total<TPlanes>(s6, t6), TLanes.Multiply(scales, f6[b]), y6);
            if (TRows.Count > 7) y7 = TLanes.MultiplyAdd(Total<TPlanes>(s7, t7), TLanes.Multiply(scales, f7[b]), y7);
            block += TPlanes.Count * PanelLayout.PlaneBytes + PanelLayout.ScaleBytes;
        }

        TLanes.Store(y0, tile.Output + output);
        if (TRows.Count > 1) TLanes.Store(y1, tile.Output + tile.Stride + output);
        if (TRows.Count > 2) TLanes.Store(y2, tile.Output + 2 * tile.Stride + output);
        if (TRows.Count > 3) TLanes.Store(y3, tile.Output + 3 * tile.Stride + output);
        if (TRows.Count > 4) TLanes.Store(y4, tile.Output + 4 * tile.Stride + output);
        if (TRows.Count > 5) TLanes.Store(y5, tile.Output + 5 * tile.Stride + output);
        if (TRows.Count > 6) TLanes.Store(y6, tile.Output + 6 * tile.Stride + output);
        if (TRows.Count > 7) TLanes.Store(y7, tile.Output + 7 * tile.Stride + output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloats Total<TPlanes>(TSums first, TSums second) where TPlanes : struct, IPlanes =>
        TPlanes.Count == 1 ? TLanes.Total(first) : TLanes.Total(first, second);

    /// <summary>Planes of codes in a block: a constant for the compiler.</summary>
    private interface IPlanes
    {
        static abstract int Count { get; }
    }

    private readonly struct OnePlane : IPlanes
    {
        public static int Count => 1;
    }

    private readonly struct TwoPlanes : IPlanes
    {
        public static int Count => 2;
    }
}
