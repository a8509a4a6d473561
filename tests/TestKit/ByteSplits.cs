using System.Buffers;

namespace StreamCore.TestKit;

/// <summary>Every way an input may arrive that a reader must not notice: whole, byte by byte, and cut once at each place.</summary>
public static class ByteSplits
{
    public static IEnumerable<byte[][]> Of(byte[] input)
    {
        yield return [input];
        yield return [.. input.Select(static b => new[] { b })];
        for (var cut = 1; cut < input.Length; cut++) yield return [input[..cut], input[cut..]];
    }

    /// <summary>The parts as one sequence with a segment for each; empty parts are left out.</summary>
    public static ReadOnlySequence<byte> Join(IEnumerable<byte[]> parts)
    {
        Segment? first = null, last = null;
        foreach (var part in parts.Where(static p => p.Length > 0))
        {
            last = new Segment(part, last);
            first ??= last;
        }
        return first is null ? ReadOnlySequence<byte>.Empty : new(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is null) return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
