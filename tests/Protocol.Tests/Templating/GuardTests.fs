/// Hostile templates end in an error, soon.
module StreamCore.Protocol.Tests.Templating.GuardTests

open System
open Xunit

let private refused (outcome: Result<string, string>) =
    match outcome with
    | Ok text -> Assert.Fail("rendered " + text.Length.ToString() + " characters")
    | Error error -> Assert.StartsWith("line ", error)

let private times (n: int) (text: string) = String.replicate n text

[<Theory>]
[<InlineData "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}">]
[<InlineData "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}">]
[<InlineData "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}">]
[<InlineData "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}">]
[<InlineData "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}">]
[<InlineData "{% set ns = namespace(x=[]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}">]
[<InlineData "{% set ns = namespace(x=[]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}">]
[<InlineData "{% set x = [] %}{% set _ = x.append(x) %}{{ x }}">]
[<InlineData "{% set x = [] %}{% set _ = x.append(x) %}{{ x|tojson }}">]
[<InlineData "{% set x = [] %}{% set _ = x.append(x) %}{% set y = [] %}{% set _ = y.append(y) %}{{ x == y }}">]
[<InlineData "{% set x = [] %}{% set _ = x.append(x) %}{% set y = [] %}{% set _ = y.append(y) %}{{ x < y }}">]
[<InlineData "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}">]
[<InlineData "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}">]
[<InlineData "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}">]
[<InlineData "{{ 'a' * 999999999 }}">]
[<InlineData "{{ [1] * 999999999 }}">]
[<InlineData "{{ 'a' * 9223372036854775807 }}">]
[<InlineData "{{ range(999999999) }}">]
[<InlineData "{{ range(-9223372036854775807, 9223372036854775807) }}">]
[<InlineData "{{ 'a'.ljust(999999999) }}">]
[<InlineData "{{ 'a'|center(999999999) }}">]
[<InlineData "{{ -(-9223372036854775807 - 1) }}">]
[<InlineData "{{ (-9223372036854775807 - 1) // -1 }}">]
[<InlineData "{{ ('a' * 10000000).replace('a', 'b' * 1000) }}">]
[<InlineData "{{ ('a' * 10000000).replace('', 'b' * 1000) }}">]
[<InlineData "{{ (['a'] * 1000000)|join('b' * 1000) }}">]
[<InlineData "{{ (range(99999)|list)|map('string')|map('center', 9999)|join }}">]
[<InlineData "{{ range(99999)|unique|list|length }}">]
[<InlineData "{{ ('a\n' * 1000000)|indent(1000) }}">]
[<InlineData "{% for i in range(99999) %}{{ 'x' * 10000 }}{% endfor %}">]
let ``endless work is refused`` (source: string) = refused (Fixture.render "{}" source)

[<Fact>]
let ``nesting is bounded`` () =
    for source in
        [
            "{{ " + times 5000 "(" + "1" + times 5000 ")" + " }}"
            "{{ " + times 5000 "[" + "1" + times 5000 "]" + " }}"
            "{{ " + times 5000 "not " + "1 }}"
            "{{ " + times 5000 "-" + "1 }}"
            "{{ 1" + times 5000 " if 1 else 1" + " }}"
            times 5000 "{% if 1 %}" + times 5000 "{% endif %}"
            times 5000 "{% for x in [1] %}" + times 5000 "{% endfor %}"
            "{% set " + times 5000 "(" + "x" + times 5000 ")" + " = 1 %}"
        ] do
        refused (Fixture.render "{}" source)

[<Fact>]
let ``long chains neither hang nor overflow`` () =
    for part, tail in
        [
            " + 1", ""
            "|string", ""
            " or 0", ""
            ".x", ""
            "[0]", ""
            " ~ 1", ""
            "()", ""
            " 'a'", ""
        ] do
        Fixture.render "{}" ("{{ 'a'" + times 50000 part + tail + " }}") |> ignore

    Assert.Equal(Ok "1", Fixture.render "{}" (times 20000 "{% if 0 %}{% endif %}" + "1"))
    Assert.True(Result.isOk (Fixture.render "{}" ("{% if 0 %}" + times 20000 "{% elif 0 %}" + "{% endif %}")))

[<Fact>]
let ``the text is bounded`` () =
    Assert.Equal(Ok "aaaaa", Fixture.renderWithin 100_000L 5 "{{ 'a' * 5 }}")
    refused (Fixture.renderWithin 100_000L 4 "{{ 'a' * 5 }}")
    refused (Fixture.renderWithin 100_000L 4 "aaaaa")

[<Fact>]
let ``a source beyond a mebibyte is refused`` () =
    refused (Fixture.render "{}" (String('a', 1_048_577)))

[<Fact>]
let ``a deep stack is not needed`` () =
    // The smallest stack a pool thread may have on any platform we run on.
    let mutable outcome = Ok ""

    let source =
        "{{ "
        + times 140 "("
        + "1"
        + times 140 ")"
        + " }}{% macro f(n) %}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(150) }}"

    let thread =
        Threading.Thread((fun () -> outcome <- Fixture.render "{}" source), 1_572_864)

    thread.Start()
    thread.Join()
    Assert.Equal(Ok "1", outcome)
