module StreamCore.Protocol.Tests.Templating.ApiTests

open System
open System.Buffers
open System.Text
open StreamCore.Protocol.Templating
open Xunit

let private ok (text: string) : Result<string, string> = Ok text
let private error (text: string) : Result<string, string> = Error text

[<Fact>]
let ``a conversation of messages renders`` () =
    let call = TemplateMessage("assistant", null, Name = "bot")
    call.SetJson("tool_calls", Fixture.json """[{"function": {"name": "f", "arguments": {"a": 1}}}]""")
    let context = TemplateContext()
    context.SetMessages("messages", [| TemplateMessage("user", "Hi"); call |])
    context.SetString("bos_token", "<s>")
    context.SetBool("add_generation_prompt", true)
    context.SetInteger("n", 3L)
    context.SetNull "tools"

    let source =
        "{{ bos_token }}{% for m in messages %}{{ m.role }}:{{ m.content }}:{{ m.name is defined }}:"
        + "{{ m.tool_calls[0].function|tojson if m.tool_calls }};{% endfor %}"
        + "{{ add_generation_prompt }}{{ n }}{{ tools is none }}"

    let expected =
        """<s>user:Hi:False:;assistant:None:True:{"name": "f", "arguments": {"a": 1}};True3True"""

    Assert.Equal(ok expected, Fixture.renderWith context source)

[<Fact>]
let ``content may be replaced by parts`` () =
    let message = TemplateMessage("user", "text")
    message.SetJson("content", Fixture.json """[{"type": "text", "text": "part"}]""")
    let context = TemplateContext()
    context.SetMessages("messages", [| message |])

    Assert.Equal(
        ok "part['role', 'content']",
        Fixture.renderWith context "{{ messages[0].content[0].text }}{{ messages[0]|list }}"
    )

[<Fact>]
let ``what a template raises is passed on word for word`` () =
    Assert.Equal(error "Roles must alternate", Fixture.render "{}" "a\n{{ raise_exception('Roles must alternate') }}")

[<Theory>]
[<InlineData("a\nb {{ nope.x }}", "line 2: 'nope' is undefined")>]
[<InlineData("{% if true %}\n\n{{ 1 + 'a' }}{% endif %}", "line 3: unsupported operand type(s) for +: 'int' and 'str'")>]
[<InlineData("{% macro f() %}\n\n{% endmacro %}\n\n{{ f() + 1 }}",
             "line 5: can only concatenate str (not \"int\") to str")>]
[<InlineData("x\n{% endif %}", "line 2: Encountered unknown tag 'endif'.")>]
[<InlineData("x\n\n{{ a b }}", "line 3: expected '}}', found 'b'")>]
[<InlineData("{# \n\n #}{{ x|nothing }}", "line 3: No filter named 'nothing'.")>]
[<InlineData("\n{{ 'abc }}", "line 2: a string has no end")>]
[<InlineData("\n{{ abc", "line 2: this tag is never closed with '}}'")>]
[<InlineData("{% include 'x' %}", "line 1: '{% include %}' has no place in a chat template")>]
[<InlineData("{% for x in y %}", "line 1: the template ends before '{% endfor %}'")>]
[<InlineData("{{ 9999999999999999999 }}", "line 1: an integer is too large")>]
[<InlineData("{{ 9223372036854775807 + 1 }}", "line 1: a number is out of range")>]
let ``an error names its line`` (source: string) (expected: string) =
    Assert.Equal(error expected, Fixture.render "{}" source)

[<Fact>]
let ``the time is defined only when it is given`` () =
    let source =
        "{{ strftime_now('%d %b %Y') if strftime_now is defined else 'no time' }}"

    Assert.Equal(ok "no time", Fixture.renderWith (TemplateContext()) source)

    let context =
        TemplateContext(Now = DateTimeOffset(2024, 7, 26, 0, 0, 0, TimeSpan.Zero))

    Assert.Equal(ok "26 Jul 2024", Fixture.renderWith context source)

[<Fact>]
let ``a rendering cannot change what the next one sees`` () =
    let context = Fixture.context (Fixture.json """{"xs": [1]}""")
    let source = "{% set _ = xs.append(2) %}{{ xs }}"
    Assert.Equal(ok "[1, 2]", Fixture.renderWith context source)
    Assert.Equal(ok "[1, 2]", Fixture.renderWith context source)

[<Fact>]
let ``a template tells which names it reads`` () =
    match
        Fixture.compile
            "{% macro f(x) %}{{ caller() }}{{ tools }}{% endmacro %}{% for m in messages %}{{ m.role }}{% endfor %}"
    with
    | Ok template ->
        Assert.True(template.Mentions "tools")
        Assert.True(template.Mentions "messages")
        Assert.False(template.Mentions "role")
        Assert.False(template.Mentions "documents")
    | Error error -> Assert.Fail error

[<Fact>]
let ``JSON bytes set a variable, and bad ones say why not`` () =
    let context = TemplateContext()

    let bytes (text: string) =
        ReadOnlySequence<byte>(Encoding.UTF8.GetBytes text)

    let set, _ =
        context.TrySetJson("x", bytes """{"b": [1, 2.0, null], "a": "é", "b": true}""")

    Assert.True set
    Assert.Equal(ok """{"b": true, "a": "é"}""", Fixture.renderWith context "{{ x|tojson }}")
    let set, reason = context.TrySetJson("y", bytes "{")
    Assert.False set
    Assert.NotNull reason

[<Fact>]
let ``half a character in JSON is an error, not an exception`` () =
    let half = "{\"x\": \"\\ud800\"}"
    Assert.Equal(error "line 1: a JSON text holds half a character", Fixture.render half "{{ x }}")

/// Where we knowingly part from Jinja2; the README of the folder gives the reasons.
[<Theory>]
[<InlineData("{{ (x|nothing) if false else 'b' }}", "")>]
[<InlineData("{{ [3]|random }}", "")>]
[<InlineData("{% for x in [] recursive %}{% endfor %}", "")>]
[<InlineData("{{ 10 ** 20 }}", "")>]
[<InlineData("{{ 'x' is string if true else 2 }}", "True")>]
[<InlineData("{{ ['<'|escape] }}", "['&lt;']")>]
[<InlineData("{{ ('<'|escape) ~ '<' }}", "&lt;<")>]
[<InlineData("{{ {'a': 1}.items() }}", "[('a', 1)]")>]
[<InlineData("{{ range(2) }}", "[0, 1]")>]
[<InlineData("{{ 'straße'.upper() }}", "STRAßE")>]
let ``known differences from Jinja2`` (source: string) (expected: string) =
    match Fixture.render "{}" source with
    | Ok text -> Assert.Equal(expected, text)
    | Error _ -> Assert.Equal(expected, "")
