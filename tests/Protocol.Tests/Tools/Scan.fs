/// Answers, taken apart whole or in pieces.
module StreamCore.Protocol.Tests.Tools.Scan

open System
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

/// What was told, pieces joined.
type Told =
    | Text of string
    | Thought of string
    | Call of Name: string * Arguments: string
    /// A call that has begun and not ended.
    | Open of Name: string * Arguments: string

let tool name parameters = {
    Name = name
    Json = "{}"
    Parameters = parameters
    IsStrict = false
}

/// Of each kind of values one, by its first letter.
let private parameters =
    """{"type":"object","$defs":{"d":{"type":"object"}},"properties":{
        "s":{"type":"string"},"n":{"type":"number"},"i":{"type":["integer","null"]},"b":{"type":"boolean"},
        "o":{"$ref":"#/$defs/d"},"l":{"anyOf":[{"type":"array"},{"type":"string"}]},"e":{"enum":[1,"one"]},"u":{}}}"""

let syntax tools = {
    AnswerSyntax.Plain with
        Tools = tools
        Callable = [| tool "f" parameters; tool "get_weather" "{}" |]
        HasReasoning = true
}

type private Piece =
    | TextPiece
    | ThoughtPiece
    | CallPiece of string

/// Joins what comes in pieces, and fails where it comes in an order that no client could follow, or from another place of the answer
/// than is said.
type Recorder(answer: byte[]) =
    let pieces = ResizeArray<Piece * ResizeArray<byte>>()
    let mutable openCall = -1
    let mutable calls = 0
    let mutable events = 0

    let add piece (utf8: ReadOnlySpan<byte>) =
        if utf8.IsEmpty then
            failwith "an empty piece was told"

        events <- events + 1

        if pieces.Count = 0 || fst pieces[pieces.Count - 1] <> piece then
            pieces.Add(piece, ResizeArray())

        (snd pieces[pieces.Count - 1]).AddRange(utf8.ToArray())

    let outside () =
        if openCall >= 0 then
            failwith "text within a call"

    let joined (bytes: ResizeArray<byte>) = text (ReadOnlySpan(bytes.ToArray()))

    member _.EventCount = events
    member _.CallCount = calls

    member _.Told = [
        for index in 0 .. pieces.Count - 1 do
            match pieces[index] with
            | TextPiece, bytes -> Text(joined bytes)
            | ThoughtPiece, bytes -> Thought(joined bytes)
            | CallPiece name, bytes when openCall >= 0 && index = pieces.Count - 1 -> Open(name, joined bytes)
            | CallPiece name, bytes -> Call(name, joined bytes)
    ]

    interface IAnswerEvents with
        member _.Text(start, utf8) =
            outside ()

            if not (utf8.SequenceEqual(ReadOnlySpan(answer, start, utf8.Length))) then
                failwith "the text stands elsewhere"

            add TextPiece utf8

        member _.Reasoning utf8 =
            outside ()
            add ThoughtPiece utf8

        member _.CallBegin(call, name) =
            outside ()

            if call <> calls then
                failwith "calls are not counted from 0"

            openCall <- call
            pieces.Add(CallPiece name, ResizeArray())

        member _.CallArguments(call, utf8) =
            if call <> openCall then
                failwith "arguments outside their call"

            (snd pieces[pieces.Count - 1]).AddRange(utf8.ToArray())
            events <- events + 1

        member _.CallEnd call =
            if call <> openCall then
                failwith "the end of another call"

            openCall <- -1
            calls <- calls + 1

/// The lengths at which the text is looked at, then the whole with its end.
let scanAt syntax (lengths: int seq) (bytes: byte[]) =
    let scanner = AnswerScanner syntax
    let recorder = Recorder bytes

    for length in lengths do
        scanner.Read(ReadOnlySpan(bytes, 0, length), false, recorder)

    scanner.Read(ReadOnlySpan bytes, true, recorder)

    if scanner.CallCount <> recorder.CallCount then
        failwith "calls are miscounted"

    recorder.Told

let scan syntax (answer: string) = scanAt syntax [] (utf8 answer)

let byteByByte syntax (answer: string) =
    let bytes = utf8 answer
    scanAt syntax [ 0 .. bytes.Length ] bytes

/// What has been told when only this much of the answer is there.
let soFar syntax (answer: string) =
    let bytes = utf8 answer
    let recorder = Recorder bytes
    AnswerScanner(syntax).Read(ReadOnlySpan bytes, false, recorder)
    recorder.Told
