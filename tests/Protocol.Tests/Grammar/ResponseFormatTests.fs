module StreamCore.Protocol.Tests.Grammar.ResponseFormatTests

open StreamCore.Protocol
open StreamCore.Protocol.Grammar
open Xunit

let private read (text: string) =
    ResponseFormatParse.format (Compiled.json text)

let private tables text =
    match read text with
    | Error _ -> failwith "refused"
    | Ok spec ->
        match spec with
        | null -> failwith "no grammar"
        | spec -> Compiled.tablesOf spec

let private refusal text =
    match read text with
    | Ok _ -> failwith (text + " should be refused")
    | Error fault -> JsonFault.toApiError (JsonFault.inField "response_format" fault)

[<Fact>]
let ``text asks for nothing`` () =
    match read """{"type":"text"}""" with
    | Ok spec -> Assert.Null spec
    | Error _ -> failwith "refused"

[<Fact>]
let ``every other format is a grammar`` () =
    Assert.True(Compiled.accepts (tables """{"type":"json_object"}""") """{"a":1}""")

    let schema =
        tables """{"type":"json_schema","json_schema":{"name":"n_1-a","strict":true,"schema":{"type":"null"}}}"""

    Assert.True(Compiled.accepts schema "null")
    Assert.True(Compiled.accepts (tables """{"type":"regex","regex":"a+|b"}""") "aa")
    Assert.False(Compiled.accepts (tables """{"type":"regex","regex":"a+|b"}""") "ab")
    Assert.True(Compiled.accepts (tables """{"type":"choice","choice":["yes","no"]}""") "no")
    Assert.False(Compiled.accepts (tables """{"type":"choice","choice":["yes","no"]}""") "maybe")

[<Fact>]
let ``a wrong format is refused with its place`` () =
    let cases = [
        "3", "response_format"
        "{}", "response_format.type"
        """{"type":"xml"}""", "response_format.type"
        """{"type":"json_schema"}""", "response_format.json_schema"
        """{"type":"json_schema","json_schema":{"schema":{}}}""", "response_format.json_schema.name"
        """{"type":"json_schema","json_schema":{"name":"a b","schema":{}}}""", "response_format.json_schema.name"
        """{"type":"json_schema","json_schema":{"name":"a"}}""", "response_format.json_schema.schema"
        """{"type":"json_schema","json_schema":{"name":"a","schema":[]}}""", "response_format.json_schema.schema"
        """{"type":"json_schema","json_schema":{"name":"a","schema":{},"strict":1}}""",
        "response_format.json_schema.strict"
        """{"type":"regex"}""", "response_format.regex"
        """{"type":"choice","choice":[]}""", "response_format.choice"
        """{"type":"choice","choice":[1]}""", "response_format.choice[0]"
    ]

    for text, param in cases do
        let error = refusal text
        Assert.Equal(param, error.Param)
        Assert.Equal(400, error.Status)
