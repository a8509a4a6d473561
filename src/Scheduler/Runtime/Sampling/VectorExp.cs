using System.Numerics;

namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// The exponential function in floats; the runtime's own goes through doubles, and takes four times as long.
/// e^x = 2^n e^r with n the whole number nearest to x / ln 2; e^r by the polynomial of Cephes' expf (S. Moshier), for |r| up to ln 2 / 2.
/// </summary>
internal static class VectorExp
{
    private const float Least = -87.3f; // below, e^x is no normal number
    private const float Magic = 12_582_912f; // 1.5 * 2^23: added to it, a small number is rounded to a whole one, in the lowest bits

    /// <summary>e^x for x up to 0, within two units in the last place; 0 where it would be less than a normal number.</summary>
    public static Vector<float> OfNegative(Vector<float> x)
    {
        // 1. x = n ln 2 + r; ln 2 in two parts, so that n ln 2 is exact.
        var least = new Vector<float>(Least);
        var clamped = Vector.MaxNative(x, least);
        var shifted = Vector.FusedMultiplyAdd(clamped, new Vector<float>(1.44269504f), new Vector<float>(Magic));
        var n = shifted - new Vector<float>(Magic);
        var r = Vector.FusedMultiplyAdd(n, new Vector<float>(-0.693359375f), clamped);
        r = Vector.FusedMultiplyAdd(n, new Vector<float>(2.12194440e-4f), r);

        // 2. e^r.
        var y = new Vector<float>(1.9875691500e-4f);
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(1.3981999507e-3f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(8.3334519073e-3f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(4.1665795894e-2f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(1.6666665459e-1f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(5.0000001201e-1f));
        y = Vector.FusedMultiplyAdd(y, r * r, r + Vector<float>.One);

        // 3. Times 2^n, made of its exponent's bits. n is in the lowest bits of what it was rounded in; the others are shifted out.
        var power = Vector.AsVectorSingle(Vector.ShiftLeft(Vector.AsVectorInt32(shifted) + new Vector<int>(127), 23));
        return Vector.ConditionalSelect(Vector.LessThan(x, least), Vector<float>.Zero, y * power);
    }
}
