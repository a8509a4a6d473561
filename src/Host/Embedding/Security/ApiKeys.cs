using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using StreamCore.Protocol;
using StreamCore.Transport.Parsing;

namespace StreamCore.Host.Security;

/// <summary>The keys that clients may come with. Only their SHA-256 hashes are kept.</summary>
internal sealed class ApiKeys(StreamCoreOptions options)
{
    /// <summary>Marks a key of the configuration that is given as its hash.</summary>
    public const string HashPrefix = "sha256:";

    private const string Bearer = "Bearer ";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly byte[][] _hashes = [.. options.Server.ApiKeys.Select(key => Convert.FromHexString(Hashed(key)[HashPrefix.Length..]))];

    /// <summary>The key as its hash, which it may already be.</summary>
    public static string Hashed(string key) =>
        IsHash(key) ? key : HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    public static bool IsHash(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal);

    public static bool IsValidHash(string key) =>
        key.Length == HashPrefix.Length + (2 * SHA256.HashSizeInBytes) && key.AsSpan(HashPrefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>Why the request may not pass; null when it may. Without configured keys every request may.</summary>
    public ApiError? Refuse(RequestHead request)
    {
        if (_hashes.Length == 0) return null;
        var bearer = request.Header("Authorization") is { } field && field.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? field[Bearer.Length..].Trim()
            : null;
        var plain = request.Header("x-api-key");
        if (string.IsNullOrEmpty(bearer) && string.IsNullOrEmpty(plain)) return ApiError.MissingApiKey();
        return IsKnown(bearer) || IsKnown(plain) ? null : ApiError.InvalidApiKey();
    }

    /// <summary>Takes the same time for every key of a length: all hashes are compared, each in constant time.</summary>
    private bool IsKnown(string? key)
    {
        if (string.IsNullOrEmpty(key)) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.Latin1.GetBytes(key), hash); // the bytes as they were sent
        var known = false;
        foreach (var one in _hashes) known |= CryptographicOperations.FixedTimeEquals(hash, one);
        return known;
    }
}
