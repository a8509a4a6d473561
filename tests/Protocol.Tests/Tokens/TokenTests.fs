module StreamCore.Protocol.Tests.TokenTests

open System
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

let private tokenize json =
    match TokenApi.TryParseTokenize(sequence (utf8 json), limits) with
    | true, request, _ -> Ok(nonNull request)
    | false, _, error -> Error(nonNull (nonNull error).Param)

let private ok (request: TokenizeRequest) : Result<TokenizeRequest, string> = Ok request

[<Fact>]
let ``A text to tokenize is content or prompt`` () =
    let request = {
        TokenizeRequest.Model = null
        Text = "a"
        AddsSpecial = false
        WithPieces = false
    }

    Assert.Equal(ok request, tokenize """{"content":"a"}""")
    Assert.Equal(ok { request with AddsSpecial = true }, tokenize """{"prompt":"a"}""")
    Assert.Equal(ok { request with Model = "m" }, tokenize """{"prompt":"a","add_special_tokens":false,"model":"m"}""")

    Assert.Equal(
        ok {
            request with
                AddsSpecial = true
                WithPieces = true
        },
        tokenize """{"content":"a","add_special":true,"with_pieces":true}"""
    )

    Assert.Equal(Error "content", tokenize "{}")
    Assert.Equal(Error "prompt", tokenize """{"prompt":["a"]}""")

[<Fact>]
let ``Tokens to join are numbers, none is none`` () =
    let detokenize json =
        match TokenApi.TryParseDetokenize(sequence (utf8 json), limits) with
        | true, request, _ -> Ok (nonNull request).Tokens
        | false, _, error -> Error(nonNull (nonNull error).Param)

    Assert.Equal(Ok [| 1; 2 |], detokenize """{"tokens":[1,2]}""")
    Assert.Equal(Ok [||], detokenize """{"tokens":[]}""")
    Assert.Equal(Error "tokens", detokenize "{}")
    Assert.Equal(Error "tokens[0]", detokenize """{"tokens":["a"]}""")

[<Fact>]
let ``A template's conversation need not name its model`` () =
    let template json =
        match TokenApi.TryParseTemplate(sequence (utf8 json), limits) with
        | true, request, _ -> Ok((nonNull request).Model, (nonNull request).Messages.Length)
        | false, _, error -> Error(nonNull (nonNull error).Param)

    Assert.Equal(Ok("", 1), template """{"messages":[{"role":"user","content":"Hi"}]}""")
    Assert.Equal(Ok("m", 1), template plainChat)
    Assert.Equal(Error "messages", template "{}")

[<Fact>]
let ``Tokens and texts as the two servers write them`` () =
    let pieces = [|
        {
            Token = 1
            Bytes = ReadOnlyMemory(utf8 "a\"")
        }
        {
            Token = 22
            Bytes = ReadOnlyMemory [| 0xF0uy; 0x9Fuy |]
        }
    |]

    let encode = ChatEncodeTests.encode

    Assert.Equal(
        """{"tokens":[1,22],"count":2,"max_model_len":512}""",
        encode (fun output -> TokenApi.EncodeTokens(output, pieces, false, 512))
    )

    Assert.Equal(
        """{"tokens":[{"id":1,"piece":"a\""},{"id":22,"piece":[240,159]}],"count":2,"max_model_len":512}""",
        encode (fun output -> TokenApi.EncodeTokens(output, pieces, true, 512))
    )

    Assert.Equal(
        """{"content":"é","prompt":"é"}""",
        encode (fun output -> TokenApi.EncodeText(output, ReadOnlySpan(utf8 "é")))
    )

    Assert.Equal("""{"prompt":"a\n"}""", encode (fun output -> TokenApi.EncodePrompt(output, "a\n")))
