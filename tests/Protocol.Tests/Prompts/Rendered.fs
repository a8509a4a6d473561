/// Prompts of chat templates, and what their grammars accept.
module StreamCore.Protocol.Tests.Prompts.Rendered

open Xunit
open StreamCore.Protocol
open StreamCore.Protocol.Tests.Bodies
open StreamCore.Protocol.Tests.Grammar
open StreamCore.Protocol.Tests.Templating

let model name syntax =
    match Fixture.compile (Fixture.read (String.concat "" [ name; ".jinja" ])) with
    | Error error -> failwith error
    | Ok template -> {
        Name = "m"
        Template = template
        BeginToken = "<s>"
        EndToken = "</s>"
        ToolSyntax = defaultArg syntax (PromptApi.DetectToolSyntax template)
      }

let private render model fields =
    match parseChat (chatWith fields) with
    | Error error -> failwith error.Message
    | Ok request ->
        match PromptApi.TryRender(model, request, Fixture.now) with
        | true, prompt, _ -> Ok(nonNull prompt)
        | false, _, error -> Error(nonNull error)

let prompt model fields =
    match render model fields with
    | Ok prompt -> prompt
    | Error error -> failwith error.Message

let refused model fields =
    match render model fields with
    | Ok _ -> failwith "should be refused"
    | Error error -> string error.Param, string error.Code

let private tables (prompt: ChatPrompt) =
    match prompt.Grammar with
    | null -> failwith "no grammar"
    | spec -> Compiled.tablesOf spec

let check prompt accepted refused =
    let tables = tables prompt

    for text in accepted do
        Assert.True(Compiled.accepts tables text, text)

    for text in refused do
        Assert.False(Compiled.accepts tables text, text)
