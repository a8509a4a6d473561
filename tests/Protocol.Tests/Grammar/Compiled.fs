/// Compiles what a test writes down, and reads texts with the tables in the plainest way.
module StreamCore.Protocol.Tests.Grammar.Compiled

open System.Text
open System.Text.Json
open StreamCore.Protocol
open StreamCore.Protocol.Grammar

let json (text: string) =
    JsonDocument.Parse(text, JsonDocumentOptions(MaxDepth = 128)).RootElement

let compileWith limits (spec: GrammarSpec) : Result<GrammarTables, ApiError> =
    match GrammarApi.TryCompile(spec, limits) with
    | true, tables, _ ->
        match tables with
        | null -> failwith "no tables"
        | tables -> Ok tables
    | _, _, error ->
        match error with
        | null -> failwith "no error"
        | error -> Error error

let compile spec = compileWith GrammarLimits.Default spec

let tablesOf spec =
    match compile spec with
    | Ok tables -> tables
    | Error error -> failwith error.Message

let schemaSpec (schema: string) =
    GrammarSpec.Schema(json schema, "response_format 'test'", "response_format")

let schema text = tablesOf (schemaSpec text)

let pattern (text: string) =
    tablesOf (GrammarSpec.Pattern(text, "regex"))

/// A state, the states to return to, and what is left to count: least and most.
type private Config = {
    State: int
    Stack: int list
    Least: int
    Most: int
}

let private calls (tables: GrammarTables) state =
    seq { tables.CallOffsets[state] .. tables.CallOffsets[state + 1] - 1 }

/// All that can be reached without a byte.
let rec private spread (tables: GrammarTables) config : Config list =
    let called = [
        for call in calls tables config.State do
            if config.Stack.Length < tables.MaxNesting then
                yield!
                    spread tables {
                        State = tables.CallTargets[call]
                        Stack = tables.CallReturns[call] :: config.Stack
                        Least = tables.CallMinimums[call]
                        Most = tables.CallMaximums[call]
                    }
    ]

    let returned =
        match config.Stack with
        | back :: rest when tables.Accepts[config.State] ->
            spread tables {
                State = back
                Stack = rest
                Least = 0
                Most = 0
            }
        | _ -> []

    config :: called @ returned

let private viable (tables: GrammarTables) config =
    let rec check stack state =
        List.length stack + int tables.Needs[state] <= tables.MaxNesting
        && match stack with
           | [] -> true
           | back :: rest -> check rest back

    check config.Stack config.State

let private step (tables: GrammarTables) (value: byte) config =
    let target =
        tables.Next[config.State * tables.ClassCount + int tables.Classes[int value]]

    if target < 0 then
        None
    elif config.State = 0 && value = '"'B && config.Least > 0 then
        None
    elif config.State = 0 && value <> '"'B && config.Most = 0 then
        None
    elif config.State = 0 && value <> '"'B then
        Some {
            config with
                State = target
                Least = max 0 (config.Least - 1)
                Most = config.Most - 1
        }
    else
        Some { config with State = target }

type Standing = private Standing of Config list

let start (tables: GrammarTables) =
    Standing [
        {
            State = tables.Start
            Stack = []
            Least = 0
            Most = 0
        }
    ]

/// Where the grammar may stand after one more byte; nowhere is an empty list.
let read tables (Standing configs) value =
    configs
    |> List.collect (spread tables)
    |> List.choose (step tables value)
    |> List.filter (viable tables)
    |> List.distinct
    |> Standing

let isNowhere (Standing configs) = configs.IsEmpty

let isWhole (tables: GrammarTables) (Standing configs) =
    configs
    |> List.collect (spread tables)
    |> List.exists (fun config -> config.Stack.IsEmpty && tables.Accepts[config.State])

let readAll tables standing (bytes: byte[]) = Array.fold (read tables) standing bytes

/// Whether the text is one of the grammar's.
let accepts tables (text: string) =
    isWhole tables (readAll tables (start tables) (Encoding.UTF8.GetBytes text))
