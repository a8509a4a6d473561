module StreamCore.Protocol.Tests.JsonOutTests

open System
open System.Buffers
open System.Text
open System.Text.Json
open FsCheck
open FsCheck.FSharp
open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies

/// Text without lone surrogates, with many of the characters that are escaped.
let soundText =
    let character =
        Gen.frequency [
            4, Gen.choose (0x20, 0x7E)
            2, Gen.choose (0, 0x1F)
            2, Gen.elements [ int '"'; int '\\'; int '/'; 0x7F; 0x2028; 0xFFFD; 0xFEFF ]
            2, Gen.choose (0x80, 0xD7FF)
            1, Gen.choose (0xE000, 0xFFFF)
            2, Gen.choose (0x10000, 0x10FFFF)
        ]

    Gen.listOf (Gen.map (fun (value: int) -> Rune value) character)
    |> Gen.map (fun runes ->
        let builder = StringBuilder()

        for rune in runes do
            builder.Append(rune.ToString()) |> ignore

        builder.ToString())

let private escaped (text: byte[]) =
    let target = Array.zeroCreate (JsonOut.escapedLength (ReadOnlySpan text))
    let written = JsonOut.escape (Span target) (ReadOnlySpan text)
    Assert.Equal(target.Length, written)
    target

let private check property =
    Check.One(Config.QuickThrowOnFailure, property)

[<Fact>]
let ``Escaped text is read back as the same text`` () =
    check (
        Prop.forAll (Arb.fromGen soundText) (fun text ->
            let json = Array.concat [ "\""B; escaped (utf8 text); "\""B ]
            JsonSerializer.Deserialize<string>(ReadOnlySpan json) = text)
    )

[<Fact>]
let ``Text escaped in two parts is the text escaped whole`` () =
    check (
        Prop.forAll (Arb.fromGen (Gen.zip soundText soundText)) (fun (first, second) ->
            Array.append (escaped (utf8 first)) (escaped (utf8 second)) = escaped (utf8 (first + second)))
    )

[<Fact>]
let ``Every control character has its escape`` () =
    for value in 0uy .. 0x1Fuy do
        let json = String.concat "" [ "\""; text (ReadOnlySpan(escaped [| value |])); "\"" ]
        Assert.Equal(string (char value), JsonSerializer.Deserialize<string> json)

[<Fact>]
let ``Bytes that are not UTF-8 are replaced, and the chunk stays JSON`` () =
    let output = ArrayBufferWriter<byte>()
    let broken = [| 'a'B; 0xF0uy; 0x9Fuy; 'b'B; 0xFFuy |]
    JsonOut.chunk output "{\"i\":"B 0 ",\"t\":\""B (ReadOnlySpan broken) "\"}"B
    use document = JsonDocument.Parse(output.WrittenMemory)
    Assert.Equal("a\uFFFDb\uFFFD", document.RootElement.GetProperty("t").GetString())
