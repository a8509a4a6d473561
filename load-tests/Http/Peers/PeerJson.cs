using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamCore.HttpBench.Peers;

/// <summary>
/// The same objects as ours, for System.Text.Json, with its serialisers generated at build time. They are used only where the
/// options are those given here, which is why they are the framework's defaults for the web and the names.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChunkBody))]
[JsonSerializable(typeof(ModelsBody))]
internal sealed partial class PeerJson : JsonSerializerContext;

internal sealed record DeltaBody(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

internal sealed record ChoiceBody(int Index, DeltaBody Delta, string? Logprobs, string? FinishReason);

internal sealed record ChunkBody(string Id, string Object, long Created, string Model, string SystemFingerprint, string ServiceTier, ChoiceBody[] Choices)
{
    public static ChunkBody Of(DeltaBody delta, string? finishReason) => new(
        Peers.Content.Stamp.Id, "chat.completion.chunk", Peers.Content.Stamp.Created, Peers.Content.Stamp.Model, Peers.Content.Stamp.SystemFingerprint,
        "default", [new(0, delta, null, finishReason)]);
}

internal sealed record ModelBody(string Id, string Object, long Created, string OwnedBy);

internal sealed record ModelsBody(string Object, ModelBody[] Data);
