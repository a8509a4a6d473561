using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace StreamCore.Scheduler.Blocks;

/// <summary>
/// Finds the block that holds given tokens after a given beginning. Each stored block has a stamp that is never used again, so
/// (stamp of the block before, own tokens) names a whole beginning exactly: tokens are compared, not only hashed.
/// </summary>
internal sealed class PrefixIndex(int blockCount, int blockTokens)
{
    private readonly Dictionary<Key, int> _blocks = new(blockCount);
    private readonly Key[] _keys = new Key[blockCount];
    private readonly long[] _stamps = new long[blockCount]; // 0: not stored
    private readonly int[] _tokens = new int[blockCount * blockTokens];
    private long _lastStamp;

    /// <summary>The stamp before the first block. Generations of different scopes never share; without a scope they do.</summary>
    public static long Root(string? scope)
    {
        if (scope is null) return long.MinValue;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(scope), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash) | long.MinValue; // negative, as no block's stamp is
    }

    public bool Holds(int block) => _stamps[block] != 0;

    /// <summary>The block with these tokens after the block, or the root, of stamp <paramref name="parent"/>.</summary>
    public bool TryFind(long parent, ReadOnlySpan<int> tokens, out int block, out long stamp)
    {
        var isFound = _blocks.TryGetValue(new Key(parent, Hash(tokens)), out block) && TokensOf(block).SequenceEqual(tokens);
        stamp = isFound ? _stamps[block] : 0;
        return isFound;
    }

    /// <summary>Remembers a full block. Returns the stamp to go on with: the one of an equal block where there is one already.</summary>
    public long Store(int block, long parent, ReadOnlySpan<int> tokens)
    {
        if (TryFind(parent, tokens, out _, out var stamp)) return stamp;
        var key = new Key(parent, Hash(tokens));
        stamp = ++_lastStamp;
        if (!_blocks.TryAdd(key, block)) return stamp; // other tokens of the same hash: what follows is just never found
        tokens.CopyTo(TokensOf(block));
        (_keys[block], _stamps[block]) = (key, stamp);
        return stamp;
    }

    public void Remove(int block)
    {
        _blocks.Remove(_keys[block]);
        _stamps[block] = 0;
    }

    private static ulong Hash(ReadOnlySpan<int> tokens)
    {
        var hash = 0xCBF29CE484222325; // FNV-1a, over tokens instead of bytes
        foreach (var token in tokens) hash = (hash ^ (uint)token) * 0x100000001B3;
        return hash;
    }

    private Span<int> TokensOf(int block) => _tokens.AsSpan(block * blockTokens, blockTokens);

    private readonly record struct Key(long Parent, ulong Tokens);
}
