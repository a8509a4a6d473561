/// Random texts under random grammars, token by token.
module StreamCore.Protocol.Tests.Grammar.WalkTests

open System
open System.Collections.Generic
open System.Text
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open StreamCore.Protocol.Grammar
open StreamCore.Scheduler
open StreamCore.Scheduler.Grammar
open Xunit

type private Vocabulary(texts: byte[][], stripsSpace: bool) =
    interface ITokenizer with
        member _.VocabularySize = texts.Length
        member _.Encode(_, _) = raise (NotSupportedException())
        member _.Bytes id = ReadOnlySpan texts[id]
        member _.Spelling id = ReadOnlySpan texts[id]
        member _.StripsLeadingSpace = stripsSpace
        member _.IsSpecial id = texts[id].Length = 0
        member _.TryGetId(_, _) = raise (NotSupportedException())

let private bind tables texts =
    match TokenGrammar.TryCreate(tables, GrammarVocabulary(Vocabulary(texts, false))) with
    | true, grammar, _ ->
        match grammar with
        | null -> failwith "no grammar"
        | grammar -> grammar
    | _ -> failwith "a byte is missing"

let private allowed (cursor: GrammarCursor) size =
    let mask = Array.zeroCreate<uint64>((size + 63) / 64)
    cursor.FillMask mask
    [| for token in 0 .. size - 1 -> (mask[token / 64] >>> token) &&& 1UL = 1UL |]

/// Walks by chance, and more and more by what closes. Checks the mask against every token tried alone.
let private walk (random: Random) tables (texts: byte[][]) checkMask =
    let cursor = GrammarCursor(bind tables texts)
    let written = List<byte>()
    let mutable standing = Compiled.start tables
    let mutable steps = 0
    let mutable isOver = false

    while not isOver do
        steps <- steps + 1
        let mask = allowed cursor texts.Length

        if checkMask && steps < 40 then
            for token in 0 .. texts.Length - 1 do
                let slow =
                    texts[token].Length > 0
                    && not (Compiled.isNowhere (Compiled.readAll tables standing texts[token]))

                if slow <> mask[token] then
                    let shown (bytes: byte[]) = Encoding.UTF8.GetString bytes

                    failwith (
                        String.concat " | " [
                            "the mask is wrong after"
                            shown (written.ToArray())
                            shown texts[token]
                            string mask[token]
                        ]
                    )

        Assert.Equal(Compiled.isWhole tables standing, cursor.IsAccepting)

        let tokens = [|
            for token in 0 .. texts.Length - 1 do
                if mask[token] then
                    token
        |]

        if cursor.IsAccepting && (tokens.Length = 0 || steps > 60 || random.Next 3 = 0) then
            isOver <- true
        else
            Assert.NotEmpty tokens

            let closing =
                tokens
                |> Array.filter (fun token -> "\"}],:0" |> Seq.exists (fun it -> texts[token][0] = byte it))

            let pool =
                if closing.Length > 0 && (steps > 60 || random.Next 3 > 0) then
                    closing
                else
                    tokens

            let pool =
                if steps > 150 then
                    pool
                    |> Array.sortBy (fun token -> "\"}]" |> Seq.exists (fun it -> texts[token][0] = byte it) |> not)
                    |> Array.truncate 3
                else
                    pool

            let token = pool[random.Next pool.Length]
            Assert.True(cursor.TryAdvance token)
            written.AddRange texts[token]
            standing <- Compiled.readAll tables standing texts[token]

            if steps > 600 then
                isOver <- true

    if cursor.IsAccepting then Some(written.ToArray()) else None

let private check (count: int) (property: Property) =
    Check.One(Config.QuickThrowOnFailure.WithMaxTest count, property)

let private forAll generator (body: 'a -> unit) =
    Prop.forAll (Arb.fromGen generator) body

let private satisfied =
    Gen.zip3 Schemas.schemas Schemas.vocabularies (Gen.choose (0, 1000000))

[<Fact>]
let ``what is written under a grammar is valid against its schema`` () =
    let mutable compiled = 0
    let mutable ended = 0

    check
        250
        (forAll satisfied (fun (schema, texts, seed) ->
            match Compiled.compile (GrammarSpec.Schema(schema, "s", "p")) with
            | Error _ -> ()
            | Ok tables ->
                compiled <- compiled + 1

                match walk (Random seed) tables texts (compiled % 8 = 0) with
                | None -> ()
                | Some bytes ->
                    ended <- ended + 1

                    if not (Validator.accepts schema bytes) then
                        failwith (String.concat "\n" [ schema.GetRawText(); Encoding.UTF8.GetString bytes ])))

    Assert.True(compiled > 80, string compiled)
    Assert.True(ended > compiled * 8 / 10, string ended)

/// Many ways to read a member's value begin at once and share a frame, which then stands on frames newer than itself.
[<Fact>]
let ``ways that came together stay apart below`` () =
    let tables =
        Compiled.schema
            """{"type":"object","required":["q"],"properties":{
                "q":{"type":"object","patternProperties":{"^z+$":{"type":"number","multipleOf":3}}}},
                "not":{"type":"object","properties":{"a":{"const":true},"ab":{"type":"string"}},"required":["a"]}}"""

    let cursor =
        GrammarCursor(bind tables [| for value in 0..255 -> [| byte value |] |])

    let text = Encoding.UTF8.GetBytes """{"q":{"z":0}}"""

    for i in 0 .. text.Length - 1 do
        Assert.True(cursor.TryAdvance(int text[i]), string i)
        Assert.Equal((i = text.Length - 1), cursor.IsAccepting)

[<Fact>]
let ``no JSON makes the compiler throw`` () =
    let limits = {
        GrammarLimits.Default with
            MaxWork = 200_000
    }

    check
        2000
        (forAll (Schemas.anyJson 4) (fun json ->
            Compiled.compileWith limits (GrammarSpec.Schema(Compiled.json json, "s", "p"))
            |> ignore))
