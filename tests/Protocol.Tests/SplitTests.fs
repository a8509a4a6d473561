module StreamCore.Protocol.Tests.SplitTests

open System
open System.Buffers
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

type private Segment(memory: ReadOnlyMemory<byte>) =
    inherit ReadOnlySequenceSegment<byte>()

    member segment.Start() = segment.Memory <- memory

    member segment.Append(next: ReadOnlyMemory<byte>) =
        let added = Segment next
        added.Start()
        added.RunningIndex <- segment.RunningIndex + int64 memory.Length
        segment.Next <- added
        added

/// The bytes in one segment for each part.
let private segments (parts: byte[] seq) =
    let parts = Seq.toArray parts
    let first = Segment(ReadOnlyMemory parts[0])
    first.Start()

    let last =
        Array.fold (fun (last: Segment) part -> last.Append(ReadOnlyMemory part)) first parts[1..]

    ReadOnlySequence<byte>(first, 0, last, (Array.last parts).Length)

let private same (json: string) (parse: ReadOnlySequence<byte> -> Result<'T, ApiError>) =
    let bytes = utf8 json
    let whole = parse (sequence bytes)

    for cut in 0 .. bytes.Length do
        Assert.Equal<Result<'T, ApiError>>(whole, parse (segments [ bytes[.. cut - 1]; bytes[cut..] ]))

    Assert.Equal<Result<'T, ApiError>>(whole, parse (segments (bytes |> Seq.map Array.singleton)))

[<Fact>]
let ``A body cut anywhere is read as the whole is`` () =
    same
        (chatWith """{"temperature":0.5,"stop":["\ud83d\ude00","é"],"messages":[{"role":"user","content":"😀\\\" x"}]}""")
        parseChatBytes

    same (chatWith """{"stop":["a",2]}""") parseChatBytes
    same """{"model":"\ud83d\u0041"}""" parseChatBytes
    same """{"model":"m","prompt":[[1,23],[4]],"max_tokens":3}""" parseCompletionBytes

let private isAnswered parse =
    match parse with
    | Ok _ -> true
    | Error(error: ApiError) -> error.Status = 400 && error.Message <> ""

[<Fact>]
let ``Arbitrary bytes are answered, never thrown at`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 500,
        fun (bytes: byte[]) ->
            isAnswered (parseChatBytes (sequence bytes))
            && isAnswered (parseCompletionBytes (sequence bytes))
    )

/// A sound body with a few bytes of it changed, which gets further than arbitrary bytes do.
let private damaged =
    gen {
        let! body =
            Gen.elements [
                yield! table "chat-accepted.jsonl" plainChat |> Seq.map _.Body
                yield! table "completion-accepted.jsonl" plainCompletion |> Seq.map _.Body
            ]

        let bytes = utf8 body
        let! changes = Gen.choose (1, 4)

        for _ in 1..changes do
            let! at = Gen.choose (0, bytes.Length - 1)

            let! value =
                Gen.oneof [ Gen.elements (utf8 "{}[]\",:\\u-0e.dt"); Gen.map byte (Gen.choose (0, 255)) ]

            bytes[at] <- value

        return bytes
    }

[<Fact>]
let ``Damaged bodies are answered, never thrown at`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 3000,
        Prop.forAll (Arb.fromGen damaged) (fun bytes ->
            isAnswered (parseChatBytes (sequence bytes))
            && isAnswered (parseCompletionBytes (sequence bytes)))
    )

/// Numbers as JSON allows them, however absurd.
let private numbers =
    let digits =
        Gen.choose (1, 60)
        |> Gen.bind (fun count -> Gen.arrayOfLength count (Gen.choose (1, 9)))

    let joined =
        digits |> Gen.map (fun digits -> String.concat "" (Seq.map string digits))

    let sign = Gen.elements [ ""; "-" ]

    let fraction =
        Gen.oneof [ Gen.constant ""; joined |> Gen.map (fun digits -> "." + digits) ]

    let exponent =
        Gen.oneof [
            Gen.constant ""
            Gen.choose (-9999, 9999) |> Gen.map (fun power -> "e" + string power)
            Gen.elements [ "E99999999999999999999"; "e-99999999999999999999"; "e+0" ]
        ]

    Gen.map4
        (fun sign whole fraction exponent -> String.concat "" [ sign; whole; fraction; exponent ])
        sign
        joined
        fraction
        exponent

[<Fact>]
let ``Absurd numbers are answered, never thrown at`` () =
    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 1000,
        Prop.forAll (Arb.fromGen numbers) (fun number ->
            [
                "temperature"
                "seed"
                "max_tokens"
                "n"
                "top_k"
                "presence_penalty"
                "user"
                "stop"
            ]
            |> List.forall (fun name ->
                let field =
                    String.concat "" [
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}],\""
                        name
                        "\":"
                        number
                        "}"
                    ]

                isAnswered (parseChat field)))
    )
