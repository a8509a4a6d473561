/// What Jinja2 makes of the same templates; see Fixtures/regenerate.py.
module StreamCore.Protocol.Tests.Templating.FixtureTests

open System.Text.Json
open Xunit

let private expected (case: JsonElement) : string option =
    match case.GetProperty("expected").GetString() with
    | null -> None
    | text -> Some text

/// Empty when the outcome is the fixture's, otherwise what differs.
let private difference (name: string) (case: JsonElement) (outcome: Result<string, string>) : string =
    match expected case, outcome, case.TryGetProperty "raised" with
    | Some wanted, Ok text, _ when text = wanted -> ""
    | None, Error error, (true, raised) when error = string (raised.GetString()) -> ""
    | None, Error _, (false, _) -> ""
    | wanted, Ok text, _ -> $"{name}\n  wanted {wanted}\n  got    {text}\n"
    | wanted, Error error, _ -> $"{name}\n  wanted {wanted}\n  got    error {error}\n"

[<Theory>]
[<InlineData "chatml">]
[<InlineData "commandr">]
[<InlineData "deepseek">]
[<InlineData "functionary">]
[<InlineData "gemma2">]
[<InlineData "gemma3">]
[<InlineData "granite">]
[<InlineData "llama3">]
[<InlineData "mistral">]
[<InlineData "phi3">]
[<InlineData "phi4">]
[<InlineData "qwen2">]
[<InlineData "qwen3">]
[<InlineData "smollm3">]
[<InlineData "zephyr">]
let ``a family's template renders as Jinja2 renders it`` (family: string) =
    let source = Fixture.read (family + ".jinja")
    let cases = Fixture.json (Fixture.read (family + ".json"))

    let differences =
        cases.EnumerateArray()
        |> Seq.map (fun case ->
            let context = Fixture.context (case.GetProperty "context")
            difference (string (case.GetProperty "name")) case (Fixture.renderWith context source))

    Assert.Equal("", String.concat "" differences)

[<Fact>]
let ``expressions, statements and white space come out as in Jinja2`` () =
    let document = Fixture.json (Fixture.read "snippets.json")
    let variables = document.GetProperty "context"

    let differences =
        document.GetProperty("cases").EnumerateArray()
        |> Seq.map (fun case ->
            let source = string (case.GetProperty "template")
            difference source case (Fixture.renderWith (Fixture.context variables) source))

    Assert.Equal("", String.concat "" differences)
