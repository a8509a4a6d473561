module StreamCore.Protocol.Tests.ModelTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.ChatEncodeTests

let private card = {
    Id = "org/m"
    Created = 1700000000L
    OwnedBy = "streamcore"
    Status = null
}

let private cardText =
    """{"id":"org/m","object":"model","created":1700000000,"owned_by":"streamcore"}"""

[<Fact>]
let ``One model`` () =
    Assert.Equal(cardText, encode (fun output -> ModelApi.EncodeModel(output, card)))

[<Fact>]
let ``One model that is loaded on demand`` () =
    Assert.Equal(
        cardText.Replace("}", ",\"status\":{\"value\":\"loading\"}}"),
        encode (fun output -> ModelApi.EncodeModel(output, { card with Status = "loading" }))
    )

[<Fact>]
let ``A list of models`` () =
    Assert.Equal("""{"object":"list","data":[]}""", encode (fun output -> ModelApi.EncodeList(output, [||])))

    Assert.Equal(
        String.concat "" [ "{\"object\":\"list\",\"data\":["; cardText; ","; cardText; "]}" ],
        encode (fun output -> ModelApi.EncodeList(output, [| card; card |]))
    )

[<Fact>]
let ``Health`` () =
    Assert.Equal("""{"status":"ok"}""", encode (fun output -> HealthApi.Encode(output, "ok")))
