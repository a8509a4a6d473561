using System.Numerics;

namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Powers of two in floats; the runtime's own exponential goes through doubles, and takes four times as long.
/// 2^x = 2^n 2^r with n the whole number nearest to x; 2^r, for |r| up to 1/2, by a polynomial of least relative error (9e-8) that is
/// exactly 1 at 0.
/// </summary>
internal static class VectorExp
{
    private const float Least = -127; // below, 2^x is no normal number
    private const float Magic = 12_582_912f; // 1.5 * 2^23: added to it, a small number is rounded to a whole one, in the lowest bits
    private const int Exponent = 23; // the first bit of a float's exponent

    /// <summary>2^x for x up to 0, within three units in the last place; from -126 down less exact, and from -127 down 0.</summary>
    public static Vector<float> TwoTo(Vector<float> x)
    {
        x = Vector.MaxNative(x, new Vector<float>(Least));
        var shifted = x + new Vector<float>(Magic);
        var r = x - (shifted - new Vector<float>(Magic));
        var y = Vector.FusedMultiplyAdd(new Vector<float>(0.0013264727f), r, new Vector<float>(0.009671513f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(0.055507336f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(0.24022242f));
        y = Vector.FusedMultiplyAdd(y, r, new Vector<float>(0.693147f));
        y = Vector.FusedMultiplyAdd(y, r, Vector<float>.One);
        // Times 2^n: n, which is in the lowest bits of what it was rounded in, is added to the exponent. Of 1 and -127 nothing is left.
        return Vector.AsVectorSingle(Vector.AsVectorInt32(y) + Vector.ShiftLeft(Vector.AsVectorInt32(shifted), Exponent));
    }
}
