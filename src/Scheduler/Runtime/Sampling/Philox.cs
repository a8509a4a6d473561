namespace StreamCore.Scheduler.Sampling;

/// <summary>
/// Philox 4x32-10, a counter-based random generator (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3,
/// SC 2011). A value depends on key and counter alone, so a draw needs no state and no neighbour can disturb it.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57; // from the paper
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85; // golden ratio, and the square root of three less one
    private const int Rounds = 10;

    /// <summary>A number from 0 up to, not including, 1: 53 bits for the draw at <paramref name="position"/> of a choice.</summary>
    /// <param name="attempt">Of a draw that takes several numbers.</param>
    public static double Uniform(ulong seed, uint choice, uint position, uint attempt = 0)
    {
        var (a, b, _, _) = Block((position, choice, attempt, 0), ((uint)seed, (uint)(seed >> 32)));
        return (((ulong)a << 32 | b) >> 11) * (1.0 / (1UL << 53));
    }

    public static (uint, uint, uint, uint) Block((uint, uint, uint, uint) counter, (uint, uint) key)
    {
        var (c0, c1, c2, c3) = counter;
        var (k0, k1) = key;
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = (ulong)Multiplier0 * c0;
            var p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            (k0, k1) = (unchecked(k0 + Weyl0), unchecked(k1 + Weyl1));
        }

        return (c0, c1, c2, c3);
    }
}
