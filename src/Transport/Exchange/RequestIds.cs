using System.Security.Cryptography;

namespace StreamCore.Transport.Exchange;

/// <summary>Makes the ids by which a request is found again in logs.</summary>
internal static class RequestIds
{
    /// <summary><c>req_</c> and 128 random bits in hexadecimal, as OpenAI's look.</summary>
    public static string Next() => "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
