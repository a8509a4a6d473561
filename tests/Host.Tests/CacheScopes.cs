using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>Who shares the cache of equal beginnings with whom.</summary>
public sealed class CacheScopes
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1/chat/completions")]
    [InlineData("v1/completions")]
    public async Task A_salt_shares_with_its_equals_only_and_a_cache_key_with_all(string path)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Engine.Script = null;
        Assert.Equal(0, await CachedAsync(salt: null, key: null));
        var shared = await CachedAsync(salt: null, key: "one");
        Assert.True(shared > 0);
        Assert.Equal(shared, await CachedAsync(salt: null, key: "two"));
        Assert.Equal(0, await CachedAsync(salt: "a", key: "one"));
        Assert.Equal(shared, await CachedAsync(salt: "a", key: "two"));
        Assert.Equal(0, await CachedAsync(salt: "b", key: "two"));

        async Task<int> CachedAsync(string? salt, string? key)
        {
            var ask = new Dictionary<string, object?>
            {
                ["model"] = ScriptedServer.Model,
                ["max_tokens"] = 1,
                ["cache_salt"] = salt,
                ["prompt_cache_key"] = key,
            };
            if (path == "v1/completions") ask["prompt"] = "Once upon a time";
            else ask["messages"] = new[] { new { role = "user", content = "Once upon a time" } };
            var (status, body) = await RawHttp.PostAsync(server.Http, path, ask, Stop);
            Assert.Equal(200, status);
            return body.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
        }
    }
}
