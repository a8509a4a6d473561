using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StreamCore.HttpBench.Peers;

/// <summary>ASP.NET Core as one would write it today: minimal API, its own event stream result, source-generated JSON.</summary>
internal static class AspNetPeer
{
    public static async Task<int> StartAsync(TokenSource source)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, PeerJson.Default);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        });

        var app = builder.Build();
        app.MapGet("/v1/models", () => TypedResults.Ok(new ModelsBody("list", [.. Content.Models.Select(m => new ModelBody(m.Id, "model", m.Created, m.OwnedBy))])));
        app.MapPost("/v1/chat/completions", (HttpContext context) => StreamAsync(context, source));
        await app.StartAsync();
        return new Uri(app.Urls.Single()).Port;
    }

    private static async Task StreamAsync(HttpContext context, TokenSource source)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await TypedResults.ServerSentEvents(ChunksAsync(source, context.RequestAborted)).ExecuteAsync(context);
        await context.Response.Body.WriteAsync("data: [DONE]\n\n"u8.ToArray());
    }

    private static async IAsyncEnumerable<ChunkBody> ChunksAsync(TokenSource source, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var tokens = source.Open();
        yield return ChunkBody.Of(new("assistant", ""), null);
        while (!aborted.IsCancellationRequested && await tokens.WaitAsync())
            while (tokens.TryTake(out var token)) yield return ChunkBody.Of(new(null, token.Text), null);
        yield return ChunkBody.Of(new(null, null), "stop");
    }
}
