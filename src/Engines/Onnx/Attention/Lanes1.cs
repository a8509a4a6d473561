using System.Runtime.CompilerServices;

namespace StreamCore.Engines.Onnx.Attention;

/// <summary>One float: the plain twin that the vectors are compared with, and what runs where nothing else does.</summary>
internal readonly unsafe struct Lanes1 : ILanes<float>
{
    public static int Count => 1;

    public static float Load(float* source) => *source;

    public static float LoadBFloat16(ushort* source) => BFloat16.ToSingle(*source);

    public static void Store(float value, float* target) => *target = value;

    public static float Broadcast(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    public static float Max(float a, float b) => MathF.Max(a, b);

    public static float Exp(float a) => a > AttentionKernel.LeastExponent ? MathF.Exp(a) : 0f;

    public static float MaxOf(float a) => a;

    public static float SumOf(float a) => a;
}
