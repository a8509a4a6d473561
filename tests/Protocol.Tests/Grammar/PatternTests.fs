/// Regular expressions, numbers and what grammars are put together from.
module StreamCore.Protocol.Tests.Grammar.PatternTests

open System
open System.Globalization
open System.Text
open System.Text.RegularExpressions
open FsCheck
open FsCheck.FSharp
open StreamCore.Protocol.Grammar
open Xunit

let private check (count: int) (property: Property) =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest count, property)

let private atoms =
    Gen.elements [
        "a"
        "b"
        "é"
        "."
        "[ab]"
        "[^a]"
        "\\d"
        "\\w"
        "\\s"
        "[a-c\\d_]"
        "\\x41"
        "\\u00e9"
        "\\."
    ]

let rec private expressions size =
    if size = 0 then
        atoms
    else
        let inner = expressions (size - 1)

        Gen.frequency [
            2, atoms
            2, Gen.map2 (+) inner inner
            1, Gen.map2 (fun left right -> String.concat "" [ "(?:"; left; "|"; right; ")" ]) inner inner
            2,
            Gen.map2
                (fun item count -> String.concat "" [ "("; item; ")"; count ])
                inner
                (Gen.elements [ "*"; "+"; "?"; "{2}"; "{1,2}"; "{0,}"; "*?" ])
        ]

let private texts =
    Gen.elements [ "a"; "b"; "c"; "é"; "1"; "_"; " "; "A"; "."; "\n" ]
    |> Gen.listOf
    |> Gen.map (List.truncate 6 >> String.concat "")

[<Fact>]
let ``a pattern has the texts that another engine finds it in`` () =
    let ends = Gen.elements [ "", ""; "^", ""; "", "$"; "^", "$" ]

    check
        800
        (Prop.forAll (Arb.fromGen (Gen.zip3 ends (expressions 3) texts)) (fun ((first, last), inner, text) ->
            // `$` of .NET also stands before a last line feed.
            let theirs =
                String.concat "" [ first; "(?:"; inner; ")"; (if last = "" then "" else "\\z") ]

            // The backtracking engine overflows on some nested repeats.
            let options = RegexOptions.CultureInvariant ||| RegexOptions.NonBacktracking
            let expected = Regex.IsMatch(text, theirs, options)
            let ours = String.concat "" [ first; "(?:"; inner; ")"; last ]
            let found = Regex.found (RegexParse.read ours)
            let budget = Budget GrammarLimits.Default
            let dfa = Dfa.ofPart budget (Regex.part Spelling.Plain found)
            let json = Dfa.ofPart budget (Regex.part Spelling.Json found)

            // Only .NET counts é as a word character.
            (inner.Contains "\\w" && text.Contains 'é')
            || (Dfa.accepts dfa (Encoding.UTF8.GetBytes text) = expected
                && Dfa.accepts json (CodePoints.jsonText text) = expected)))

let private unreadable = [
    "("
    ")"
    "[a"
    "*"
    "a**"
    "a{2,1}"
    "\\"
    "\\xg0"
    "[b-a]"
    "\\1"
    "(?=a)"
    "(?<!a)"
    "\\b"
    "\\p{L}"
    "a^b"
    "\\ud800"
    "\\u{110000}"
    "a{99999999999}"
]

[<Fact>]
let ``what is no pattern, or one that is not supported, is refused`` () =
    for pattern in unreadable do
        match Compiled.compile (GrammarSpec.Pattern(pattern, "response_format.regex")) with
        | Ok _ -> failwith (pattern + " should be refused")
        | Error error ->
            Assert.Equal("response_format.regex", error.Param)
            Assert.StartsWith("Invalid 'response_format.regex': ", error.Message)

[<Fact>]
let ``no text makes the reader of patterns throw`` () =
    let pieces =
        Gen.elements [
            "("
            ")"
            "["
            "]"
            "{"
            "}"
            "\\"
            "*"
            "+"
            "?"
            "|"
            "^"
            "$"
            "-"
            "a"
            "1"
            ","
            "u"
            "x"
            "😀"
            "\u4e28"
            "é"
            "."
        ]

    check
        2000
        (Prop.forAll (Arb.fromGen (Gen.listOf pieces |> Gen.map (String.concat ""))) (fun text ->
            let limits = {
                GrammarLimits.Default with
                    MaxWork = 50_000
            }

            Compiled.compileWith limits (GrammarSpec.Pattern(text, "p")) |> ignore))

[<Fact>]
let ``characters beyond ASCII mean themselves`` () =
    // U+10028 ends in the code of '(' and U+0128 too.
    let tables = Compiled.pattern "\U00010028\u0128+"
    Assert.True(Compiled.accepts tables "\U00010028\u0128\u0128")
    Assert.False(Compiled.accepts tables "\U00010028")

[<Fact>]
let ``ranges and multiples have the numbers that arithmetic says`` () =
    let bound = Gen.choose (-2000, 2000)

    let rule =
        Gen.zip (Gen.zip bound bound) (Gen.zip (Gen.choose (0, 3)) (Gen.elements [ 0; 5; 25; 70 ]))

    let value = Gen.zip (Gen.choose (-2500, 2500)) (Gen.choose (0, 2))
    let decimals (units: int) = decimal units / 100m

    let exact (units: int) : ExactNumber =
        match ExactNumber.tryRead (Compiled.json ((decimals units).ToString CultureInfo.InvariantCulture)) with
        | ValueSome number -> number
        | ValueNone -> failwith "too long"

    check
        200
        (Prop.forAll
            (Arb.fromGen (Gen.zip rule (Gen.listOfLength 20 value)))
            (fun (((lower, upper), (exclusive, unit)), values) ->
                let exclusiveLower, exclusiveUpper = exclusive &&& 1 = 1, exclusive &&& 2 = 2

                let rule: NumberRule = {
                    Lower =
                        ValueSome {
                            Limit = exact lower
                            IsExclusive = exclusiveLower
                        }
                    Upper =
                        ValueSome {
                            Limit = exact upper
                            IsExclusive = exclusiveUpper
                        }
                    Multiples = if unit = 0 then [] else [ exact unit ]
                }

                let dfa = NumberRules.texts (Budget GrammarLimits.Default) false rule

                values
                |> List.forall (fun (units, zeros) ->
                    let plain = (decimals units).ToString("0.##", CultureInfo.InvariantCulture)

                    let text =
                        if zeros > 0 && plain.Contains '.' then
                            plain + String('0', zeros)
                        else
                            plain

                    let expected =
                        (if exclusiveLower then units > lower else units >= lower)
                        && (if exclusiveUpper then units < upper else units <= upper)
                        && (unit = 0 || units % unit = 0)

                    Dfa.accepts dfa (Encoding.UTF8.GetBytes text) = expected)))

[<Fact>]
let ``literals, choices, sequences and repetitions are put together`` () =
    let call name =
        GrammarSpec.Sequence(
            GrammarSpec.Literal("<call>" + name + " "),
            GrammarSpec.Schema(
                Compiled.json """{"type":"object","properties":{"x":{"type":"integer"}},"required":["x"]}""",
                "function 'f'",
                "tools[0]"
            ),
            GrammarSpec.Literal "</call>"
        )

    let spec = GrammarSpec.Repeat(GrammarSpec.Choice(call "f", call "g"), 1, 2)
    let tables = Compiled.tablesOf spec
    Assert.True(Compiled.accepts tables """<call>f {"x":1}</call>""")
    Assert.True(Compiled.accepts tables """<call>f {"x":1}</call><call>g {"x": 2}</call>""")
    Assert.False(Compiled.accepts tables "")
    Assert.False(Compiled.accepts tables """<call>h {"x":1}</call>""")
    Assert.False(Compiled.accepts tables """<call>f {"x":1}</call><call>f {"x":1}</call><call>f {"x":1}</call>""")

[<Fact>]
let ``free text runs up to its trigger, or never has it`` () =
    let trigger = "<aab>"
    let until = Compiled.tablesOf (GrammarSpec.TextUntil trigger)
    let without = Compiled.tablesOf (GrammarSpec.TextWithout trigger)

    let pieces = Gen.elements [ "<"; "a"; "b"; ">"; "é"; "<aa"; "<aab>"; "<<aab" ]

    check
        1000
        (Prop.forAll (Arb.fromGen (Gen.listOf pieces |> Gen.map (String.concat ""))) (fun text ->
            let at = text.IndexOf(trigger, StringComparison.Ordinal)

            Compiled.accepts without text = (at < 0)
            && Compiled.accepts until text = (at >= 0 && at = text.Length - trigger.Length)))

    Assert.True(Compiled.isNowhere (Compiled.readAll without (Compiled.start without) [| 0xFFuy |]))

[<Fact>]
let ``an object of any sort is an object`` () =
    let tables = Compiled.tablesOf (GrammarSpec.AnyObject())
    Assert.True(Compiled.accepts tables """{"a": [1, {"b": null}], "": "x"}""")
    Assert.False(Compiled.accepts tables "[]")

[<Fact>]
let ``a grammar nests as deep as its limit and no deeper`` () =
    let limits = {
        GrammarLimits.Default with
            MaxNesting = 5
    }

    let tables =
        match Compiled.compileWith limits (Compiled.schemaSpec """{"type":"array","items":{"$ref":"#"}}""") with
        | Ok tables -> tables
        | Error error -> failwith error.Message

    Assert.True(Compiled.accepts tables (String('[', 5) + String(']', 5)))
    Assert.False(Compiled.accepts tables (String('[', 6) + String(']', 6)))
