module StreamCore.Protocol.Tests.Templating.PropertyTests

open FsCheck
open FsCheck.FSharp
open StreamCore.Protocol.Templating
open Xunit

let private check (count: int) (property: Property) =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest count, property)

let private forAll (generator: Gen<'a>) (body: 'a -> bool) : Property =
    Prop.forAll (Arb.fromGen generator) body

/// Pieces a template is made of, and some it is not.
let private pieces =
    "{{ |}} |{% |%} |{%- |-%}|{{- |-}}|{# |#} |if |else |elif |endif |for |in |endfor |set |endset |macro |endmacro |call |endcall "
    + "|filter |endfilter |raw |endraw |generation |endgeneration |with |endwith |break |continue |x |y |loop |loop.index |messages "
    + "|namespace( |range( |dict( |( |) |[ |] |{ |} |, |: |. |= |== |!= |< |<= |+ |- |* |** |/ |// |% |~ |is |not |and |or |none |true "
    + "|1 |0 |2.5 |-3 |'a' |\"b\" |'%s' |''|.split() |.upper() |.append(1) |.items() |[::-1] |[1:] |\n|  |text|é😀|\\|'|\"|$|`|recursive "

let private soup: Gen<string> =
    let fixedPieces = pieces.Split '|'

    let bars = [|
        "| "
        "|upper "
        "|tojson "
        "|list "
        "|join(',') "
        "|sort "
        "|map('upper') "
        "|length "
        "|first "
        "|int "
    |]

    Gen.elements (Array.append fixedPieces bars)
    |> Gen.listOf
    |> Gen.map (String.concat "")

let private variables =
    """{"x": [1, "a", null, {"k": [true]}], "y": "text", "messages": [{"role": "user", "content": "hi"}]}"""

[<Fact>]
let ``token soup never throws`` () =
    check
        3000
        (forAll soup (fun source ->
            Fixture.render variables source |> ignore
            Fixture.render variables ("{{ " + source + " }}") |> ignore
            Fixture.render variables ("{% if " + source + " %}a{% endif %}") |> ignore
            true))

[<Fact>]
let ``damaged templates never throw`` () =
    let sources = [|
        for name in [ "qwen3"; "llama3"; "commandr"; "mistral"; "functionary" ] -> Fixture.read (name + ".jinja")
    |]

    let damage =
        gen {
            let! source = Gen.elements sources
            let! at = Gen.choose (0, source.Length - 1)
            let! length = Gen.choose (0, min 40 (source.Length - at))
            let! piece = Gen.elements (pieces.Split '|')
            return source.Remove(at, length).Insert(at, piece)
        }

    check
        500
        (forAll damage (fun source ->
            Fixture.render variables source |> ignore
            true))

let private plain: Gen<string> =
    Gen.elements [ "a"; "b c"; " "; "\n"; "\t"; "é"; "😀"; "}"; "%"; "#"; "'"; "\\"; "{ " ]
    |> Gen.listOf
    |> Gen.map (String.concat "")

[<Fact>]
let ``a template without tags renders to itself, less one line feed at its end`` () =
    check
        1000
        (forAll plain (fun text ->
            let expected =
                if text.EndsWith '\n' then
                    text.Substring(0, text.Length - 1)
                else
                    text

            Fixture.render "{}" text = Ok expected))

[<Fact>]
let ``whatever is a string literal comes out as it went in`` () =
    check
        1000
        (forAll plain (fun text ->
            let literal = text.Replace("\\", "\\\\").Replace("'", "\\'")
            Fixture.render "{}" ("{{ '" + literal + "' }}|") = Ok(text + "|")))

[<Fact>]
let ``raw text is left alone`` () =
    check
        500
        (forAll soup (fun text ->
            text.Contains "endraw"
            || Fixture.render "{}" ("{% raw %}" + text + "|{%+ endraw %}") = Ok(text + "|")))

[<Fact>]
let ``minus signs eat all white space on their side`` () =
    check
        1000
        (forAll (Gen.two plain) (fun (left, right) ->
            let source = left + "{{- 'x' -}}" + right + "|"
            Fixture.render "{}" source = Ok((Text.trimEnd left) + "x" + (Text.trimStart (right + "|")))))

[<Fact>]
let ``a statement alone on its line leaves no trace of the line`` () =
    let indent = Gen.elements [ ""; " "; "\t"; "    " ]

    check
        500
        (forAll (Gen.zip (Gen.two plain) indent) (fun ((left, right), indent) ->
            let source = left + "\n" + indent + "{% set x = 1 %}\n" + right + "|"
            Fixture.render "{}" source = Ok(left + "\n" + right + "|")))

[<Fact>]
let ``a plus sign keeps the line`` () =
    check
        500
        (forAll (Gen.two plain) (fun (left, right) ->
            let source = left + "\n  {%+ set x = 1 +%}\n" + right + "|"
            Fixture.render "{}" source = Ok(left + "\n  \n" + right + "|")))

[<Fact>]
let ``tojson writes what JSON readers read back`` () =
    check
        1000
        (forAll (Gen.zip plain (Gen.choose (-1000000, 1000000))) (fun (text, n) ->
            let context = TemplateContext()
            context.SetString("s", text)
            context.SetInteger("n", int64 n)

            match Fixture.renderWith context "{{ {'s': s, s: [n, n / 8, none, true]}|tojson }}" with
            | Error _ -> false
            | Ok written ->
                let read = Fixture.json written

                text = "s"
                || (read.GetProperty("s").GetString() = text
                    && read.GetProperty(text).[1].GetDouble() = double n / 8.0)))

[<Fact>]
let ``slices agree with picking by index`` () =
    let bound = Gen.oneof [ Gen.constant ""; Gen.map string (Gen.choose (-8, 8)) ]
    let step = Gen.elements [ ""; "1"; "2"; "3"; "-1"; "-2"; "-3" ]
    let slices = Gen.zip (Gen.zip bound bound) step

    check
        1000
        (forAll slices (fun ((first, last), step) ->
            let slice = "[" + first + ":" + last + ":" + step + "]"

            let source =
                "{{ 'abcdef'"
                + slice
                + " }}|{{ ['a','b','c','d','e','f']"
                + slice
                + "|join }}|{{ 'a😀cdef'"
                + slice
                + " }}"

            match Fixture.render "{}" source with
            | Ok text ->
                let parts = text.Split '|'
                parts[0] = parts[1] && parts[2].Replace("😀", "b") = parts[0]
            | Error _ -> false))
