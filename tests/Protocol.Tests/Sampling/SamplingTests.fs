module StreamCore.Protocol.Tests.SamplingTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private sampling fields =
    match parseChat (chatWith fields), parseCompletion (completionWith fields) with
    | Ok chat, Ok completion ->
        Assert.Equal(chat.Sampling, completion.Sampling) // both endpoints read them alike
        chat.Sampling
    | Error error, _
    | _, Error error -> failwith error.Message

[<Fact>]
let ``Every sampling parameter arrives`` () =
    Assert.Equal(
        {
            SamplingSettings.Default with
                TypicalP = 0.5f
                Penalties = {
                    Repetition = 1.1f
                    Presence = -2f
                    Frequency = 0.25f
                }
                Bias = [| { Token = 7; Bias = -100f }; { Token = 50256; Bias = 2.5f } |]
                Ends = {
                    StopTokens = [| 3; 4 |]
                    MinTokens = 5
                    IgnoreEos = true
                }
                ShowsSpecialTokens = true
        },
        sampling
            """{"typical_p":0.5,"repetition_penalty":1.1,"presence_penalty":-2,"frequency_penalty":0.25,
                "logit_bias":{"7":-100,"50256":2.5},"stop_token_ids":[3,4],"min_tokens":5,"ignore_eos":true,
                "skip_special_tokens":false}"""
    )

[<Fact>]
let ``A repetition penalty has two names`` () =
    Assert.Equal(1.2f, (sampling """{"repeat_penalty":1.2}""").Penalties.Repetition)
    Assert.Equal(1.2f, (sampling """{"repeat_penalty":1.2,"repetition_penalty":1.2}""").Penalties.Repetition)

[<Fact>]
let ``Of two biases of one token the last counts`` () =
    let body =
        plainChat.Replace(
            "\"model\"",
            "\"logit_bias\":{\"5\":1,\"05\":2,\"5\":3},\"model\"",
            System.StringComparison.Ordinal
        )

    match parseChat body with
    | Ok request -> Assert.Equal<TokenBias[]>([| { Token = 5; Bias = 3f } |], request.Sampling.Bias)
    | Error error -> failwith error.Message

[<Fact>]
let ``Stop strings are sixteen at most`` () =
    let stops count =
        parseChat (chatWith ("{\"stop\":[" + String.concat "," (Array.replicate count "\"x\"") + "]}"))

    match stops 16, stops 17 with
    | Ok request, Error error -> Assert.Equal((16, "array_above_max_length"), (request.Stop.Length, nonNull error.Code))
    | _ -> failwith "sixteen were refused, or seventeen accepted"
