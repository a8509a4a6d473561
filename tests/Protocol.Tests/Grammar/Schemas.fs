/// Random schemas, vocabularies and JSON.
module StreamCore.Protocol.Tests.Grammar.Schemas

open System
open System.Globalization
open System.Text
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open StreamCore.TestKit

let private text (value: string) = JsonSerializer.Serialize value

let private object (fields: (string * string) list) =
    let written = fields |> List.map (fun (name, value) -> text name + ":" + value)
    "{" + String.concat "," written + "}"

let private array (items: string list) = "[" + String.concat "," items + "]"

let private number (value: int) =
    value.ToString CultureInfo.InvariantCulture

let private fraction (value: decimal) =
    value.ToString CultureInfo.InvariantCulture

/// Schemas of all keywords, many of which nothing satisfies.
let schemas: Gen<JsonElement> =
    Gen.choose (0, Int32.MaxValue - 1) |> Gen.map (Random >> RandomSchemas.Draw)

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
