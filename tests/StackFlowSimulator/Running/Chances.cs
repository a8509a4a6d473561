namespace StreamCore.StackFlowSimulator.Running;

/// <summary>The faults' luck: a sequence of random numbers for each, so that switching one on does not change when another strikes.</summary>
internal sealed class Chances(int seed)
{
    private readonly Random[] _sequences = [.. Enum.GetValues<Fault>().Select(fault => new Random(unchecked((seed * 397) ^ ((int)fault + 1))))];

    public bool Strikes(Fault fault, double probability) => probability > 0 && _sequences[(int)fault].NextDouble() < probability;

    public int Draw(Fault fault, int below) => below <= 1 ? 0 : _sequences[(int)fault].Next(below);
}
