module StreamCore.Protocol.Tests.SupportTests

open System
open System.IO
open Xunit
open StreamCore.Protocol

let private names (table: ParameterSupport[]) level =
    table
    |> Array.filter (fun row -> row.Level = level)
    |> Array.map (fun row -> String.concat "" [ "`"; row.Name; "`" ])
    |> String.concat ", "

let private neutral (row: ParameterSupport) =
    match row.Level with
    | SupportLevel.Neutral value when NeutralValue.words value = [| "null" |] ->
        Some(String.concat "" [ "`"; row.Name; "`" ])
    | SupportLevel.Neutral value ->
        Some(String.concat "" [ "`"; row.Name; "` ("; String.concat " or " (NeutralValue.words value); ")" ])
    | _ -> None

/// The table of one object as the README shows it.
let private shown (title: string) table =
    String.concat "\n" [
        String.concat "" [ "**"; title; "**" ]
        ""
        String.concat "" [ "- honoured: "; names table SupportLevel.Honoured ]
        if table |> Array.exists (fun row -> row.Level = SupportLevel.WithoutEffect) then
            String.concat "" [ "- accepted, without effect: "; names table SupportLevel.WithoutEffect ]
        String.concat "" [
            "- refused, but for null and the value that changes nothing: "
            table |> Array.choose neutral |> String.concat ", "
        ]
    ]

let private tables = [
    "POST /v1/chat/completions", SupportTable.chat
    "messages[]", SupportTable.chatMessage
    "stream_options", SupportTable.streamOptions
    "POST /v1/completions", SupportTable.completion
]

[<Fact>]
let ``The README shows the table of parameters as it is`` () =
    let readme =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocol.README.md"))

    for title, table in tables do
        let expected = shown title table

        if not (readme.Contains(expected, StringComparison.Ordinal)) then
            failwith ("src/Protocol/README.md should contain:\n" + expected)

[<Fact>]
let ``No parameter has two rows`` () =
    for title, table in tables do
        let doubled =
            table |> Array.countBy _.Name |> Array.filter (fun (_, count) -> count > 1)

        Assert.True(Array.isEmpty doubled, title)
