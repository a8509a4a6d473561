/// Random schemas, vocabularies and JSON.
module StreamCore.Protocol.Tests.Grammar.Schemas

open System.Globalization
open System.Text
open System.Text.Json
open FsCheck
open FsCheck.FSharp

let private text (value: string) = JsonSerializer.Serialize value

let private object (fields: (string * string) list) =
    let written = fields |> List.map (fun (name, value) -> text name + ":" + value)
    "{" + String.concat "," written + "}"

let private array (items: string list) = "[" + String.concat "," items + "]"

let private number (value: int) =
    value.ToString CultureInfo.InvariantCulture

let private fraction (value: decimal) =
    value.ToString CultureInfo.InvariantCulture

/// Each field or not.
let private some (fields: Gen<string * string> list) =
    fields
    |> List.map (fun field -> Gen.oneof [ Gen.constant []; Gen.map List.singleton field ])
    |> Gen.sequenceToList
    |> Gen.map List.concat

let private field name (value: Gen<string>) = Gen.map (fun it -> name, it) value

let private names = [ "a"; "b"; "ab"; "na me"; "é"; "q\"" ]

let private texts =
    Gen.elements [ "a"; "ab"; ""; "é"; "😀x"; "a\"b"; "\n"; "true" ] |> Gen.map text

let private strings =
    let pattern =
        Gen.elements [ "^[a-c]+$"; "b"; "^a"; "^(x|yy)*$"; "[^a]$"; "^.{2,4}$"; "^\\d{2}-\\w+$" ]

    let format =
        Gen.elements [
            "date"
            "time"
            "date-time"
            "uuid"
            "email"
            "ipv4"
            "ipv6"
            "hostname"
            "uri"
        ]

    Gen.oneof [
        some [
            field "minLength" (Gen.map number (Gen.choose (0, 3)))
            field "maxLength" (Gen.map number (Gen.choose (2, 6)))
        ]
        Gen.map2
            (fun fields (pattern: string) -> ("pattern", text pattern) :: fields)
            (some [ field "maxLength" (Gen.map number (Gen.choose (2, 9))) ])
            pattern
        Gen.map (fun format -> [ "format", text format ]) format
    ]
    |> Gen.map (fun fields -> object (("type", text "string") :: fields))

let private bounds =
    Gen.oneof [
        Gen.map number (Gen.choose (-120, 120))
        Gen.map (fun it -> fraction (decimal it / 100m)) (Gen.choose (-500, 500))
    ]

let private numbers =
    gen {
        let! kind = Gen.elements [ "integer"; "number" ]
        let! lower = Gen.elements [ "minimum"; "exclusiveMinimum" ]
        let! upper = Gen.elements [ "maximum"; "exclusiveMaximum" ]
        let multiples = Gen.elements [ number 3; number 10; fraction 0.5m; fraction 0.07m ]

        let! fields =
            some [ field lower bounds; field upper bounds; field "multipleOf" multiples ]

        return object (("type", text kind) :: fields)
    }

let private enums =
    Gen.oneof [
        texts
        bounds
        Gen.constant (object [ "x", array [ number 1 ] ])
        Gen.constant ("true")
    ]
    |> Gen.listOfLength 3
    |> Gen.map (fun values -> object [ "enum", array values ])

let private scalars =
    Gen.oneof [
        strings
        strings
        numbers
        numbers
        enums
        Gen.map (fun value -> object [ "const", value ]) texts
        Gen.elements [ "null"; "boolean" ]
        |> Gen.map (fun kind -> object [ "type", text kind ])
        Gen.constant (object [ "type", array [ text "string"; text "null"; text "integer" ] ])
        Gen.constant (object [ "type", text "boolean"; "nullable", "true" ])
        Gen.constant (object [])
        Gen.constant (object [ "$ref", text "#" ])
        Gen.constant (object [ "$ref", text "#/$defs/d" ])
    ]

let private arrays item =
    let listed = Gen.map array (Gen.listOfLength 2 item)
    let few = Gen.map number (Gen.choose (0, 2))
    let more = Gen.map number (Gen.choose (1, 4))

    some [
        field "items" item
        field "prefixItems" listed
        field "minItems" few
        field "maxItems" more
    ]
    |> Gen.map (fun fields -> object (("type", text "array") :: fields))

let private objects item =
    gen {
        let! known = Gen.subListOf names
        let! required = Gen.subListOf known
        let! values = Gen.listOfLength known.Length item
        let properties = object (List.zip known values)

        let additional = Gen.oneof [ Gen.constant ("false"); item; Gen.constant ("true") ]

        let patterns =
            Gen.map2 (fun (name: string) it -> object [ name, it ]) (Gen.elements [ "^a"; "x"; "^z+$" ]) item

        let! fields =
            some [ field "additionalProperties" additional; field "patternProperties" patterns ]

        return
            object (
                [
                    "type", text "object"
                    "properties", properties
                    "required", array (List.map text required)
                ]
                @ fields
            )
    }

let private combined item =
    gen {
        let! keyword = Gen.elements [ "anyOf"; "allOf"; "oneOf" ]
        let! parts = Gen.listOfLength 2 item
        return object [ keyword, array parts ]
    }

let rec private ofSize size =
    if size <= 0 then
        scalars
    else
        let item = ofSize (size - 1)
        Gen.frequency [ 2, scalars; 2, arrays item; 4, objects item; 2, combined item ]

/// Schemas of all keywords, many of which nothing satisfies.
let schemas: Gen<JsonElement> =
    gen {
        let! root = ofSize 3
        let! definition = ofSize 1
        let definitions = object [ "d", definition ]
        let rest = if root = "{}" then "}" else "," + root.Substring 1
        return Compiled.json ("{" + text "$defs" + ":" + definitions + rest)
    }

/// All bytes, and pieces as tokenizers make them.
let vocabularies: Gen<byte[][]> =
    let merges =
        "\":\"|\": \"|\"},{\"|\"}, {\"|\"]}|},|}}|[[|[{\"|\",\"|\", \"|{\"a\":|{\"|\"a|b\":|true|null|als|12|345|0.|.5|e+|-1|\\u|\\ud83d\\ude|\\n\\n|\\\"|ab|a\"|aaaa|é|éa|😀|😀\"|  |,  |]]]]|[[[[[[|2024-|-02|:00|T1|@a|.b|http://|[]|{}|\"\"|\",\"ab\":[|x\",\"x\":1"

    gen {
        let! chosen = Gen.subListOf (List.ofArray (merges.Split '|'))
        let! cut = Gen.choose (1, 3)
        let half = (Encoding.UTF8.GetBytes "😀é")[..cut]

        return
            Array.concat [
                [| for value in 0..255 -> [| byte value |] |]
                [| for text in chosen -> Encoding.UTF8.GetBytes text |]
                [| half; half[1..] |]
            ]
    }

let private keywords =
    "type|enum|const|properties|required|additionalProperties|patternProperties|$ref|$defs|anyOf|oneOf|allOf|minLength|maxLength|pattern|format|minimum|exclusiveMaximum|multipleOf|items|prefixItems|minItems|maxItems|uniqueItems|nullable|not|title|x"

/// Any JSON, with the keywords of schemas in it.
let rec anyJson size : Gen<string> =
    let words =
        Gen.elements (
            Array.append (keywords.Split '|') [|
                "string"
                "object"
                "array"
                "integer"
                "number"
                "#"
                "#/$defs/x"
                "#/properties/x"
                "#/anyOf/0"
                "^a(b|c)*$"
                "(["
                "date"
                ""
            |]
        )

    let plain =
        Gen.oneof [
            Gen.map text words
            Gen.map number (Gen.choose (-3, 50))
            Gen.elements [ fraction 0.1m; fraction -1e20m; "1e400"; "1e-300"; number 1000000000 ]
            Gen.elements [ "true"; "false" ]
        ]

    if size = 0 then
        plain
    else
        let inner = anyJson (size - 1)
        let names = Gen.elements (keywords.Split '|')

        Gen.frequency [
            1, plain
            2, Gen.map array (Gen.listOfLength 2 inner)
            6, Gen.map object (Gen.listOf (Gen.zip names inner) |> Gen.map (List.truncate 4))
        ]
