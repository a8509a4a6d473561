/// What each keyword lets through and keeps out, and what is refused.
module StreamCore.Protocol.Tests.Grammar.KeywordTests

open Xunit

let private cases: (string * string list * string list) list = [
    "true", [ "1"; "\"a\""; "[]"; "{}"; "null"; "{\"a\": [1, {\"b\":2}]}" ], [ ""; "nul"; "[1,]"; "{a:1}"; "1 "; "  1" ]
    "{}", [ "[[[]]]"; "-1.5e+10"; "\"\\u00e9\\n\"" ], [ "01"; "+1"; "1."; ".5"; "\"\n\""; "\"\\x\"" ]
    """{"type":"null"}""", [ "null" ], [ "0"; "\"null\"" ]
    """{"type":"boolean"}""", [ "true"; "false" ], [ "0"; "True" ]
    """{"type":"integer"}""",
    [ "0"; "-1"; "42"; "123456789012345678" ],
    [ "1.5"; "1.0"; "1e3"; "-0"; "007"; "1234567890123456789" ]
    """{"type":"number"}""",
    [ "0"; "-0.5"; "3.14"; "1e10"; "2E-5"; "1.5e+99" ],
    [ "01"; "1."; "1e100"; "NaN"; "1.12345678901234567" ]
    """{"type":"string"}""",
    [
        "\"\""
        "\"é😀\""
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""
        "\"\\ud83d\\ude00\""
        "\"\\u0000\""
    ],
    [
        "\""
        "\"\\ud83d\""
        "\"\\ude00\""
        "\"\\ud83d\\u0041\""
        "\"\\u12\""
        "\"\t\""
    ]
    """{"type":["string","null"]}""", [ "\"a\""; "null" ], [ "1"; "[]" ]
    """{"type":"string","nullable":true}""", [ "\"a\""; "null" ], [ "1" ]
    """{"enum":["a","b\"c",1,null,[1,{"x":true}]]}""",
    [ "\"a\""; "\"b\\\"c\""; "1"; "null"; """[1,{"x":true}]""" ],
    [ "\"b\""; "2"; "[]" ]
    """{"type":"string","enum":["a",1]}""", [ "\"a\"" ], [ "1" ]
    """{"enum":["a","ab","abc"],"minLength":2}""", [ "\"ab\""; "\"abc\"" ], [ "\"a\"" ]
    """{"enum":[1,2,3,4.5],"minimum":2,"type":"integer"}""", [ "2"; "3" ], [ "1"; "4.5" ]
    """{"const":{"a":[]}}""", [ """{"a":[]}""" ], [ "{}" ]
    """{"enum":[1,2,3],"const":2}""", [ "2" ], [ "1" ]
    """{"type":"string","minLength":2,"maxLength":3}""",
    [ "\"ab\""; "\"abc\""; "\"é😀\""; "\"\\n\\u00e9a\""; "\"\\ud83d\\ude00b\"" ],
    [ "\"\""; "\"a\""; "\"abcd\""; "\"\\ud83d\\ude00\"" ]
    """{"type":"string","maxLength":0}""", [ "\"\"" ], [ "\"a\"" ]
    """{"type":"string","pattern":"^[a-c]+$"}""", [ "\"a\""; "\"cab\"" ], [ "\"\""; "\"d\""; "\"aD\"" ]
    """{"type":"string","pattern":"b"}""", [ "\"b\""; "\"abc\""; "\"\\nb\"" ], [ "\"\""; "\"ac\"" ]
    """{"type":"string","pattern":"^a","maxLength":2}""", [ "\"a\""; "\"ab\"" ], [ "\"abc\""; "\"b\"" ]
    """{"type":"string","pattern":"^\"\\\\\n$"}""", [ "\"\\\"\\\\\\n\"" ], [ "\"\\u0022\\\\\\n\"" ]
    """{"type":"string","format":"date"}""",
    [ "\"2024-02-29\""; "\"1999-12-31\""; "\"2000-02-29\"" ],
    [ "\"2023-02-29\""; "\"1900-02-29\""; "\"2024-13-01\""; "\"2024-04-31\"" ]
    """{"type":"string","format":"time"}""",
    [ "\"23:59:59Z\""; "\"00:00:00.5+02:00\"" ],
    [ "\"24:00:00Z\""; "\"10:00:00\"" ]
    """{"type":"string","format":"date-time"}""",
    [ "\"2024-02-29T12:00:00Z\"" ],
    [ "\"2024-02-29\""; "\"2024-02-29 12:00:00Z\"" ]
    """{"type":"string","format":"uuid"}""",
    [ "\"123e4567-e89b-12d3-a456-426614174000\"" ],
    [ "\"123e4567e89b12d3a456426614174000\"" ]
    """{"type":"string","format":"email"}""", [ "\"a.b+c@ex-ample.org\"" ], [ "\"a@b\""; "\"@b.c\""; "\"a..b@c.de\"" ]
    """{"type":"string","format":"hostname"}""", [ "\"a\""; "\"a-b.c9\"" ], [ "\"-a\""; "\"a.\""; "\"a_b\"" ]
    """{"type":"string","format":"ipv4"}""",
    [ "\"0.0.0.0\""; "\"255.249.99.1\"" ],
    [ "\"256.0.0.0\""; "\"1.2.3\""; "\"01.2.3.4\"" ]
    """{"type":"string","format":"ipv6"}""", [ "\"2001:db8:0:0:0:0:0:1\"" ], [ "\"2001:db8\""; "\"g:0:0:0:0:0:0:1\"" ]
    """{"type":"string","format":"uri"}""",
    [ "\"https://a.b/c?d=e#f\""; "\"http://localhost:80\"" ],
    [ "\"ftp://a\""; "\"https://\""; "\"a\"" ]
    """{"type":"integer","minimum":-3,"maximum":12}""",
    [ "-3"; "-1"; "0"; "9"; "10"; "12" ],
    [ "-4"; "13"; "100"; "-10" ]
    """{"type":"integer","exclusiveMinimum":99,"exclusiveMaximum":1001}""",
    [ "100"; "999"; "1000" ],
    [ "99"; "1001"; "9"; "-100" ]
    """{"type":"number","minimum":0.5,"maximum":2.25}""",
    [ "0.5"; "0.50"; "1"; "2"; "2.2"; "2.25"; "2.250" ],
    [ "0"; "0.4"; "0.49"; "2.3"; "2.251"; "-1"; "1e0"; "22" ]
    """{"type":"number","exclusiveMinimum":-1.5,"exclusiveMaximum":0}""",
    [ "-1.4"; "-1"; "-0.001"; "-1.49999" ],
    [ "-1.5"; "0"; "0.0"; "-1.50"; "-2" ]
    """{"type":"number","exclusiveMinimum":1}""", [ "1.1"; "1.0001"; "2"; "10" ], [ "1"; "1.0"; "0.9"; "-5" ]
    """{"type":"integer","multipleOf":7}""", [ "0"; "7"; "-14"; "777" ], [ "1"; "8"; "-13" ]
    """{"type":"integer","multipleOf":7,"minimum":10,"maximum":30}""", [ "14"; "21"; "28" ], [ "7"; "35"; "15" ]
    """{"type":"number","multipleOf":0.25}""",
    [ "0.25"; "1"; "1.5"; "1.50"; "-0.75"; "2.250" ],
    [ "0.1"; "0.251"; "1.3" ]
    """{"type":"array","items":{"type":"integer"}}""",
    [ "[]"; "[1]"; "[1,2]"; "[1, 2, 3]" ],
    [ "[,]"; "[1,]"; "[\"a\"]"; "[1 ,2]"; "[1,  2]" ]
    """{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""",
    [ "[1]"; "[1,2,3]" ],
    [ "[]"; "[1,2,3,4]" ]
    """{"type":"array","items":{"type":"null"},"minItems":2}""",
    [ "[null,null]"; "[null,null,null]" ],
    [ "[]"; "[null]" ]
    """{"type":"array","items":false}""", [ "[]" ], [ "[1]" ]
    """{"type":"array","maxItems":0}""", [ "[]" ], [ "[1]" ]
    """{"type":"array","prefixItems":[{"type":"integer"},{"type":"null"}]}""",
    [ "[]"; "[1]"; "[1,null]" ],
    [ "[null]"; "[1,null,1]" ]
    """{"type":"array","prefixItems":[{"type":"integer"}],"items":{"type":"null"},"minItems":2}""",
    [ "[1,null]"; "[1,null,null]" ],
    [ "[1]"; "[1,1]"; "[null,null]" ]
    """{"type":"array","prefixItems":[{"type":"null"}],"minItems":2}""", [ "[null,1]"; "[null,{},3]" ], [ "[null]" ]
    """{"type":"object"}""", [ "{}"; """{"a":1,"b": {}}""" ], [ "[]"; "{1:2}" ]
    """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["a","b"],"additionalProperties":false}""",
    [ """{"a":1,"b":null}"""; """{"a": 1, "b": null}""" ],
    [ "{}"; """{"a":1}"""; """{"b":null,"a":1}"""; """{"a":1,"b":null,"c":1}""" ]
    """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["b"]}""",
    [
        """{"b":null}"""
        """{"a":null,"b":null}"""
        """{"b":null,"c":null}"""
        """{"a":null,"b":null,"c":null}"""
    ],
    [
        "{}"
        """{"a":null}"""
        """{"a":null,"c":null}"""
        """{,"b":null}"""
        """{"b":null,"d":1}"""
    ]
    """{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"integer"}}""",
    [
        "{}"
        """{"a":null}"""
        """{"b":1}"""
        """{"a":null,"b":1,"c":2}"""
        """{"aa":1}"""
        """{"":1}"""
    ],
    [ """{"a":1}"""; """{"b":null}"""; """{"b":1,"a":null}"""; """{"\u0061":1}""" ]
    """{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":true}""",
    [ """{"b":[1]}""" ],
    [ """{"a":1}""" ]
    """{"type":"object","additionalProperties":false}""", [ "{}" ], [ """{"a":1}""" ]
    """{"type":"object","patternProperties":{"^x":{"type":"integer"}}}""",
    [ "{}"; """{"x1":1,"x":2}""" ],
    [ """{"x":null}"""; """{"y":null}""" ]
    """{"type":"object","patternProperties":{"^x":{"type":"integer"}},"additionalProperties":{"type":"null"}}""",
    [ """{"x":1,"y":null}"""; """{"y":null,"x":1}""" ],
    [ """{"x":null}"""; """{"y":1}""" ]
    """{"type":"object","properties":{"xa":{"minimum":5}},"patternProperties":{"^x":{"type":"integer"}},"required":["xa"]}""",
    [ """{"xa":5}"""; """{"xa":7,"xb":1}""" ],
    [ """{"xa":1}"""; """{"xa":null}"""; "{}" ]
    """{"type":"object","required":["a"]}""", [ """{"a":1}"""; """{"a":1,"b":2}""" ], [ "{}"; """{"b":1}""" ]
    """{"type":"object","required":["a"],"additionalProperties":{"type":"null"}}""",
    [ """{"a":null}""" ],
    [ """{"a":1}"""; "{}" ]
    """{"anyOf":[{"type":"integer"},{"type":"string","maxLength":1}]}""", [ "1"; "\"a\"" ], [ "\"ab\""; "null" ]
    """{"type":"integer","anyOf":[{"minimum":10},{"maximum":-10}]}""", [ "10"; "-10" ], [ "0"; "9" ]
    """{"oneOf":[{"type":"integer"},{"type":"string"}]}""", [ "1"; "\"a\"" ], [ "null" ]
    """{"oneOf":[{"type":"integer","maximum":3},{"type":"integer","minimum":4}]}""", [ "3"; "4" ], [ "null" ]
    """{"oneOf":[{"properties":{"k":{"const":"a"},"x":{"type":"integer"}},"required":["k","x"],"type":"object"},
                 {"properties":{"k":{"const":"b"},"y":{"type":"null"}},"required":["k","y"],"type":"object"}]}""",
    [ """{"k":"a","x":1}"""; """{"k":"b","y":null}""" ],
    [ """{"k":"a","y":null}"""; """{"k":"c","x":1}""" ]
    """{"oneOf":[{"properties":{"x":{}},"required":["x"],"type":"object","additionalProperties":false},
                 {"properties":{"y":{}},"required":["y"],"type":"object","additionalProperties":false}]}""",
    [ """{"x":1}"""; """{"y":1}""" ],
    [ "{}"; """{"x":1,"y":1}""" ]
    """{"allOf":[{"type":"integer"},{"minimum":3},{"maximum":5}]}""", [ "3"; "5" ], [ "2"; "6" ]
    """{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"a":{"minimum":2},"b":{"type":"null"}}}]}""",
    [ """{"a":2}"""; """{"a":3,"b":null}""" ],
    [ """{"a":1}"""; "{}" ]
    """{"allOf":[{"type":"string","pattern":"^a"},{"pattern":"b$"}]}""", [ "\"ab\""; "\"aXb\"" ], [ "\"a\""; "\"b\"" ]
    """{"$defs":{"n":{"type":"integer"}},"type":"array","items":{"$ref":"#/$defs/n"}}""", [ "[1]" ], [ "[null]" ]
    """{"definitions":{"a/b":{"type":"null"}},"$ref":"#/definitions/a~1b"}""", [ "null" ], [ "1" ]
    """{"$defs":{"n":{"type":"integer"}},"$ref":"#/$defs/n","minimum":5}""", [ "5" ], [ "4" ]
    """{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}""",
    [
        """{"v":1,"next":null}"""
        """{"v":1,"next":{"v":2,"next":{"v":3,"next":null}}}"""
    ],
    [ """{"v":1,"next":{}}"""; """{"v":1}""" ]
    """{"$defs":{"e":{"anyOf":[{"$ref":"#/$defs/add"},{"$ref":"#/$defs/num"}]},
        "add":{"type":"object","properties":{"t":{"const":"add"},"l":{"$ref":"#/$defs/e"},"r":{"$ref":"#/$defs/e"}},"required":["t","l","r"]},
        "num":{"type":"object","properties":{"t":{"const":"num"},"v":{"type":"number"}},"required":["t","v"]}},"$ref":"#/$defs/e"}""",
    [
        """{"t":"num","v":1}"""
        """{"t":"add","l":{"t":"num","v":1},"r":{"t":"add","l":{"t":"num","v":1},"r":{"t":"num","v":2}}}"""
    ],
    [ """{"t":"add","l":1,"r":2}""" ]
    """{"title":"t","description":"d","default":1,"examples":[1],"$schema":"s","$id":"i","x-order":1,"type":"null"}""",
    [ "null" ],
    [ "1" ]
    """{"type":"integer","format":"int32"}""", [ "2147483647"; "-2147483648" ], [ "2147483648" ]
    """{"type":"array","items":{"type":"null"},"uniqueItems":false}""", [ "[null,null]" ], []
    """{"type":"array","items":{"enum":["a","b",3]},"uniqueItems":true}""",
    [ "[]"; "[\"b\"]"; "[3,\"a\"]"; "[\"b\", 3,\"a\"]" ],
    [ "[\"a\",\"a\"]"; "[3,\"a\",3]"; "[,3]"; "[\"a\",\"b\",3,3]" ]
    """{"type":"array","items":{"type":["boolean","null"]},"uniqueItems":true,"minItems":1,"maxItems":2}""",
    [ "[true]"; "[null,false]" ],
    [ "[]"; "[true,true]"; "[true,false,null]" ]
    """{"type":"array","items":{},"uniqueItems":true,"maxItems":1}""", [ "[]"; "[{}]" ], [ "[1,2]" ]
    """{"type":"object","minProperties":1}""", [ """{"a":1}"""; """{"a":1,"b":2}""" ], [ "{}" ]
    """{"type":"object","maxProperties":2}""",
    [ "{}"; """{"a":1}"""; """{"a":1,"b":2}""" ],
    [ """{"a":1,"b":2,"c":3}""" ]
    """{"type":"object","maxProperties":0}""", [ "{}" ], [ """{"a":1}""" ]
    """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"minProperties":2}""",
    [
        """{"a":null,"b":null}"""
        """{"a":null,"c":null}"""
        """{"b":null,"c":null}"""
        """{"a":null,"b":null,"c":null}"""
    ],
    [ "{}"; """{"b":null}"""; """{,"a":null,"b":null}""" ]
    """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["c"],"maxProperties":2}""",
    [ """{"c":null}"""; """{"a":null,"c":null}"""; """{"b":null,"c":null}""" ],
    [ "{}"; """{"a":null,"b":null}"""; """{"a":null,"b":null,"c":null}""" ]
    """{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":{"type":"integer"},"minProperties":2,"maxProperties":3}""",
    [ """{"a":null,"b":1}"""; """{"a":null,"b":1,"c":2}""" ],
    [
        "{}"
        """{"a":null}"""
        """{"b":1}"""
        """{"b":1,"b":2}"""
        """{"a":null,"b":1,"c":2,"d":3}"""
    ]
    """{"type":"string","not":{"const":"a"}}""", [ "\"\""; "\"b\""; "\"aa\"" ], [ "\"a\""; "1" ]
    """{"not":{"type":["string","object","array"]}}""", [ "1"; "null"; "true"; "-1.5" ], [ "\"a\""; "{}"; "[]" ]
    """{"type":"number","not":{"type":"integer"}}""", [ "0.5"; "-3.10" ], [ "1"; "1.0"; "-2.00"; "1e0" ]
    """{"type":"integer","not":{"enum":[1,2,"x",5]}}""", [ "0"; "3"; "4"; "6"; "-1"; "12" ], [ "1"; "2"; "5" ]
    """{"type":["boolean","null"],"not":{"enum":[true]}}""", [ "false"; "null" ], [ "true" ]
    """{"type":"number","not":{"minimum":3}}""", [ "2.99"; "-5" ], [ "3"; "4" ]
    """{"type":"string","not":{"pattern":"^a"}}""", [ "\"\""; "\"ba\"" ], [ "\"a\""; "\"ab\"" ]
    """{"type":"string","not":{"minLength":2}}""", [ "\"\""; "\"é\"" ], [ "\"ab\"" ]
    """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"not":{"required":["a","b"]}}""",
    [ "{}"; """{"a":null}"""; """{"b":null}""" ],
    [ """{"a":null,"b":null}""" ]
    """{"type":"object","additionalProperties":true,"not":{"required":["a"]}}""",
    [ "{}"; """{"b":1}""" ],
    [ """{"a":1}"""; """{"b":1,"a":1}""" ]
    """{"type":"object","properties":{"k":{"type":"integer"}},"not":{"properties":{"k":{"const":1}}}}""",
    [ """{"k":2}""" ],
    [ "{}"; """{"k":1}""" ]
    """{"type":"integer","not":{"not":{"minimum":3}}}""", [ "3"; "10" ], [ "2" ]
    """{"type":"integer","not":{"anyOf":[{"minimum":3},{"maximum":-3}]}}""", [ "-2"; "0"; "2" ], [ "3"; "-3" ]
    """{"type":"object","properties":{"k":{"enum":["a","b"]},"x":{"type":"null"},"y":{"type":"null"}},"required":["k"],
        "if":{"properties":{"k":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}""",
    [
        """{"k":"a","x":null}"""
        """{"k":"b","y":null}"""
        """{"k":"b","x":null,"y":null}"""
    ],
    [ """{"k":"a"}"""; """{"k":"a","y":null}"""; """{"k":"b","x":null}""" ]
    """{"type":"integer","if":{"minimum":10},"then":{"multipleOf":5}}""", [ "3"; "10"; "15" ], [ "11" ]
    """{"type":"integer","if":{"minimum":10},"else":{"const":1}}""", [ "1"; "10"; "11" ], [ "2"; "9" ]
    """{"type":"integer","if":{"format":"date","multipleOf":2}}""", [ "1"; "2" ], [ "null" ]
]

[<Fact>]
let ``each keyword lets through what is valid and nothing else`` () =
    for schema, accepted, refused in cases do
        let tables = Compiled.schema schema

        for text in accepted do
            Assert.True(Compiled.accepts tables text, String.concat " should allow " [ schema; text ])

        for text in refused do
            Assert.False(Compiled.accepts tables text, String.concat " should not allow " [ schema; text ])

let private refusals: (string * string) list = [
    """{"type":"array","uniqueItems":true}""",
    "In context=(), 'uniqueItems' is supported only where 'items' allows up to 8 values."
    """{"properties":{"a":{"not":{"format":"date"}}}}""",
    "In context=('properties', 'a', 'not'), 'format' is not supported in 'not' and 'if'."
    """{"if":{"items":{"type":"null"}},"then":{"minItems":1}}""",
    "In context=('if',), 'items' is not supported in 'not' and 'if'."
    """{"not":{"const":{}}}""",
    "In context=('not',), 'const' or 'enum' of an array or object is not supported in 'not' and 'if'."
    """{"not":{}}""", "In context=(), there is no text that it allows, or it nests too deeply."
    """{"not":{"$ref":"#"}}""", "In context=(), its alternatives cannot be told apart."
    """{"not":3}""", "In context=('not',), a schema must be an object or a boolean."
    """{"type":"object","additionalProperties":{},"minProperties":2}""",
    "In context=(), 'minProperties' is supported only up to the number of the properties that are named, and one more where others are allowed."
    """{"dependentRequired":{"a":["b"]}}""", "In context=(), 'dependentRequired' is not supported."
    """{"type":"strin"}""", "In context=(), 'type' is not one of JSON's types."
    """{"type":"string","format":"color"}""", "In context=(), 'format' 'color' is not supported."
    """{"type":"string","pattern":"(?=a)"}""",
    "In context=(), 'pattern': the pattern uses look-around, which is not supported."
    """{"type":"string","pattern":"("}""",
    "In context=(), 'pattern': the pattern is not a regular expression: it ends too early."
    """{"type":"string","minLength":-1}""", "In context=(), 'minLength' must be an integer that is not negative."
    """{"type":"number","multipleOf":0}""", "In context=(), 'multipleOf' must be greater than 0."
    """{"items":[{}]}""", "In context=(), 'items' must be a schema; use 'prefixItems' for a list of them."
    """{"$ref":"#"}""", "In context=(), '$ref' leads back to itself."
    """{"$ref":"#/$defs/x"}""", "In context=(), '$ref' '#/$defs/x' does not lead to a schema."
    """{"$ref":"http://a/b"}""",
    "In context=(), '$ref' 'http://a/b' is not supported, only those that begin with '#/' are."
    """{"oneOf":[{"type":"integer"},{"type":"number"}]}""",
    "In context=(), 'oneOf' is supported only where its alternatives exclude each other."
    """{"properties":{"a":3}}""", "In context=('properties', 'a'), a schema must be an object or a boolean."
    """{"enum":3}""", "In context=(), 'enum' must be an array."
    """{"anyOf":[]}""", "In context=(), 'anyOf' must be an array that is not empty."
    "false", "In context=(), there is no text that it allows, or it nests too deeply."
    """{"enum":[]}""", "In context=(), there is no text that it allows, or it nests too deeply."
    """{"type":"string","minLength":3,"maxLength":2}""",
    "In context=(), there is no text that it allows, or it nests too deeply."
    """{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""",
    "In context=(), there is no text that it allows, or it nests too deeply."
    """{"type":"object","required":["a"],"additionalProperties":false}""",
    "In context=(), there is no text that it allows, or it nests too deeply."
    """{"type":"string","pattern":"a{100000}"}""",
    "In context=(), 'pattern': it takes more work to compile than this server allows."
    """{"patternProperties":{"a":{},"b":{}}}""",
    "In context=('patternProperties', 'a'), 'patternProperties' are supported only where no name fits two of them."
]

[<Fact>]
let ``what is not supported is refused by keyword and place`` () =
    for schema, expected in refusals do
        match Compiled.compile (Compiled.schemaSpec schema) with
        | Ok _ -> failwith (schema + " should be refused")
        | Error error ->
            Assert.Equal("Invalid schema for response_format 'test': " + expected, error.Message)
            Assert.Equal(400, error.Status)
            Assert.Equal("response_format", error.Param)
