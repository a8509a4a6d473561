namespace StreamCore.Engines.Tokenization.Decoding;

/// <summary>The bytes of every token, one after the other in one array.</summary>
internal sealed class TokenBytes
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    /// <param name="tokens">By id; null where there is none.</param>
    public TokenBytes(byte[]?[] tokens)
    {
        _starts = new int[tokens.Length + 1];
        for (var id = 0; id < tokens.Length; id++)
            _starts[id + 1] = _starts[id] + (tokens[id]?.Length ?? 0);
        _bytes = new byte[_starts[^1]];
        for (var id = 0; id < tokens.Length; id++)
            tokens[id]?.CopyTo(_bytes, _starts[id]);
    }

    public ReadOnlySpan<byte> this[int id] =>
        (uint)id < (uint)(_starts.Length - 1) ? _bytes.AsSpan(_starts[id], _starts[id + 1] - _starts[id]) : default;
}
