/// What arguments must be that are written with a key each.
module StreamCore.Protocol.Tests.Prompts.ParameterGrammarTests

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Prompts.Rendered
open StreamCore.Protocol.Tests.Tools

let private lookup (strict: string) (parameters: string) =
    String.concat "" [
        """{"tools":[{"type":"function","function":{"name":"look","strict":"""
        strict
        ""","parameters":"""
        parameters
        "}}],\"tool_choice\":"
        if strict = "true" then "\"auto\"}" else "\"required\"}"
    ]

let private coder = model "qwen2" (Some ToolSyntax.Qwen3Coder)

let private look (parameters: (string * string) list) =
    String.concat "" [
        "<tool_call>\n<function=look>\n"
        for name, value in parameters do
            String.concat "" [ "<parameter="; name; ">\n"; value; "\n</parameter>\n" ]
        "</function>\n</tool_call>"
    ]

[<Fact>]
let ``parameters one by one are kept to their schemas`` () =
    let schema =
        """{"type":"object","$defs":{"p":{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}},"properties":{"unit":{"type":"string","enum":["C","F"]},"at":{"$ref":"#/$defs/p"},"note":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null},"deep":{"type":"boolean"}},"required":["unit","at"],"additionalProperties":false}"""

    let strict = prompt coder (lookup "true" schema)
    let at = "at", """{"x":1}"""

    check strict [
        "Hi"
        look [ "unit", "C"; at ]
        "So" + look [ "unit", "F"; at; "note", "any <b> text\n"; "deep", "true" ]
        look [ "unit", "C"; at; "note", "null" ] + "\nthen"
    ] [
        look []
        look [ "unit", "K"; at ]
        look [ at; "unit", "C" ]
        look [ "unit", "C"; "at", "{}" ]
        look [ "unit", "C"; at; "deep", "True" ]
    ]

    let answer = look [ "unit", "C"; at; "note", "null" ]

    Assert.Equal<Scan.Told list>(
        [ Scan.Call("look", """{"unit": "C", "at": {"x":1}, "note": null}""") ],
        Scan.scan strict.Answer answer
    )

[<Fact>]
let ``where parameters one by one cannot be kept to a schema it is refused`` () =
    for parameters in
        [
            """{"type":"object","properties":{"a":{"type":"string","pattern":"^a$"}}}"""
            """{"type":"object","properties":{"a":{"type":"string","format":"date"}}}"""
            """{"type":"object","properties":{"a":{"enum":[1,"1"]}}}"""
            """{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"integer","minimum":1}]}}}"""
            """{"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#"}}}}"""
            """{"type":"object","properties":{"a<b":{"type":"string"}}}"""
            """{"type":"object","properties":{},"required":["a"]}"""
            """{"type":"object","properties":{"a":{}},"minProperties":1}"""
            """{"type":"object","properties":{"a":true}}"""
        ] do
        Assert.Equal(("tools", "unsupported_value"), refused coder (lookup "true" parameters))
        Assert.Equal(("tools", "unsupported_value"), refused coder (lookup "false" parameters))
