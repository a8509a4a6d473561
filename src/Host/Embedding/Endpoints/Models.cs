using StreamCore.Host.Composition;
using StreamCore.Protocol;
using StreamCore.Transport.Exchange;

namespace StreamCore.Host.Endpoints;

/// <summary><c>GET /models</c> and <c>GET /models/{id}</c>; an id may contain '/'.</summary>
internal sealed class Models(ModelCatalog catalog)
{
    public ValueTask ListAsync(HttpExchange exchange) =>
        Answers.JsonAsync(exchange, 200, body => ModelApi.EncodeList(body, [.. catalog.Models.Select(model => Card(model, model.Name))]));

    public ValueTask RetrieveAsync(HttpExchange exchange)
    {
        var id = Router.FreePart(exchange.Request.Path);
        return catalog.TryFindNamed(id, out var model)
            ? Answers.JsonAsync(exchange, 200, body => ModelApi.EncodeModel(body, Card(model, id)))
            : Answers.ErrorAsync(exchange, ApiError.ModelNotFound(id));
    }

    private static ModelCard Card(ServedModel model, string id) =>
        new(id, model.Created.ToUnixTimeSeconds(), "streamcore", model.ComesAndGoes ? model.Resident.Status : null);
}
