"""Rewrites the expected outputs in this folder with what Jinja2 renders, set up as transformers sets it up.

Needs Python 3 with jinja2. Run it here: python3 regenerate.py
A case whose `expected` is null is one that Jinja2 refuses; we must refuse it too, in words of our own, except that
what `raise_exception` says is passed on word for word and stored in `raised`.
"""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2025, 3, 7, 9, 5, 4, 123456)


class Raised(Exception):
    pass


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_run"), [], [], body).set_lineno(line)

    def _run(self, caller):
        return caller()


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise Raised(message)


def environment(mutable):
    kind = jinja2.sandbox.SandboxedEnvironment if mutable else jinja2.sandbox.ImmutableSandboxedEnvironment
    env = kind(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return env


def render(source, context, mutable=False):
    """The text, or None, and what the template raised, or None."""
    try:
        return environment(mutable).from_string(source).render(**context), None
    except Raised as raised:
        return None, str(raised)
    except (jinja2.exceptions.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError, SyntaxError, RecursionError):
        return None, None


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def snippets(path):
    """A shared context and many short templates."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cases"] = [
        dict(
            template=case["template"],
            **({"mutable": True} if case.get("mutable") else {}),
            expected=render(case["template"], document["context"], case.get("mutable", False))[0],
        )
        for case in document["cases"]
    ]
    write(path, document)


def family(path):
    """One chat template, in the .jinja file of the same name, and conversations put through it."""
    source = path.with_suffix(".jinja").read_text(encoding="utf-8")
    cases = json.loads(path.read_text(encoding="utf-8"))
    for case in cases:
        expected, raised = render(source, case["context"])
        case.pop("raised", None)
        case["expected"] = expected
        if raised is not None:
            case["raised"] = raised
    write(path, cases)


if __name__ == "__main__":
    for path in sorted(HERE.glob("*.json")):
        (family if path.with_suffix(".jinja").exists() else snippets)(path)
