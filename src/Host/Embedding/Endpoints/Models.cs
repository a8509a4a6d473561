using System.Buffers;
using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>GET /models</c> and <c>GET /models/{id}</c>; an id may contain '/'.</summary>
internal sealed class Models(ModelCatalog catalog)
{
    public ValueTask ListAsync(HttpExchange exchange)
    {
        var body = new ArrayBufferWriter<byte>(512);
        ModelApi.EncodeList(body, [.. catalog.Models.Select(model => Card(model, model.Name))]);
        return exchange.RespondAsync(200, Answers.JsonType, body.WrittenMemory);
    }

    public ValueTask RetrieveAsync(HttpExchange exchange)
    {
        var id = Router.FreePart(exchange.Request.Path);
        if (!catalog.TryFind(id, out var model)) return Answers.ErrorAsync(exchange, ApiError.ModelNotFound(id));
        var body = new ArrayBufferWriter<byte>(256);
        ModelApi.EncodeModel(body, Card(model, id));
        return exchange.RespondAsync(200, Answers.JsonType, body.WrittenMemory);
    }

    private static ModelCard Card(ServedModel model, string id) => new(id, model.Created.ToUnixTimeSeconds(), "streamcore");
}
