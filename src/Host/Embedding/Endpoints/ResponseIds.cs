using System.Security.Cryptography;

namespace StreamCore.Host.Endpoints;

/// <summary>Makes the ids of answers.</summary>
internal static class ResponseIds
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The prefix and 29 random letters, as OpenAI's look.</summary>
    public static string Next(string prefix) => prefix + RandomNumberGenerator.GetString(Letters, 29);

    /// <summary>The id of a tool call: 24 random letters, as OpenAI's look.</summary>
    public static string NextCall() => "call_" + RandomNumberGenerator.GetString(Letters, 24);
}
