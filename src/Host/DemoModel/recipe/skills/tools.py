"""Calling tools: which of the declared ones fits, with arguments taken from the question, and what to say of the result."""

import json
from dataclasses import dataclass

from .common import DAYS, Exchange, capital, draw, phrase, pseudo_word, vary
from .letters import WORDS as NOUNS
from .memory import ANIMALS, FOODS
from .names import person
from .world import CAPITALS

VERBS = ["get", "find", "lookup", "fetch", "check", "query", "show", "read", "tell", "retrieve"]
ROOMS = "kitchen bedroom bathroom garage garden office hall cellar attic balcony kitchen bedroom".split() + ["living room"]
LANGUAGES = "French German Spanish Italian Dutch Polish Greek Turkish Latin Danish Swedish Russian Japanese".split()
CONDITIONS = "sunny cloudy rainy windy foggy snowy stormy clear cold warm hot dry wet mild".split()
STATES = "shipped delivered lost open closed paid cancelled waiting ready packed returned".split()
NO_TOOL = "I have no tool for that."
FAILED = "That did not work: {e}."
ERRORS = ["not found", "no connection", "timeout", "access denied", "unknown place", "server error", "invalid name", "try again later"]


@dataclass
class Tool:
    """A tool as one conversation declares it: the family it belongs to, its name and what its parameters are called."""

    family: str
    name: str
    params: dict        # slot of the family -> name of the parameter
    definition: dict    # as OpenAI's API has it


def style(rng, words):
    """A name of words: in snake case mostly, else in camel case or with hyphens."""
    roll = rng.random()
    if roll < 0.75:
        return "_".join(words)
    if roll < 0.9:
        return words[0] + "".join(capital(w) for w in words[1:])
    return "-".join(words)


def define(rng, family, spec):
    """Declare a tool of a family in one of the many ways people do."""
    words = rng.choice(spec["names"]).split()
    if words[0] == "?":
        words = ([rng.choice(VERBS)] if rng.random() < 0.85 else []) + words[1:]
    name, params, properties, required = style(rng, words), {}, {}, []
    for slot, (names, kind, optional) in spec["params"].items():
        if optional and rng.random() < 0.5:
            continue
        params[slot] = rng.choice(names)
        properties[params[slot]] = {"type": "string", "enum": kind} if isinstance(kind, list) else {"type": kind}
        if rng.random() < 0.3:
            properties[params[slot]]["description"] = capital(slot) + "."
        if not optional:
            required.append(params[slot])
    function = {"name": name, "parameters": {"type": "object", "properties": properties, "required": required}}
    if rng.random() < 0.6:
        function["description"] = rng.choice(spec["about"])
    return Tool(family, name, params, {"type": "function", "function": function})


def place(ctx):
    """A city: a capital or a made-up one."""
    return draw(ctx, "place", lambda: ctx.rng.choice(list(CAPITALS.values())) if ctx.rng.random() < 0.6 else
                capital(pseudo_word(ctx.rng, 4)))


def word(ctx):
    """A thing: a word or a made-up one."""
    return draw(ctx, "tool-word", lambda: ctx.rng.choice(NOUNS) if ctx.rng.random() < 0.7 else pseudo_word(ctx.rng))


def number(ctx, top):
    """A number from 1 to a top."""
    return draw(ctx, "tool-number", lambda: ctx.rng.randint(1, top))


def clock(rng):
    """A time of day."""
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def weather(ctx):
    return {"place": place(ctx), "unit": ctx.rng.choice(["celsius", "fahrenheit"])}


def told_weather(rng, v):
    degrees, sky = rng.randint(-15, 40), rng.choice(CONDITIONS)
    facts = {rng.choice(["temperature", "temp", "degrees"]): degrees, rng.choice(["condition", "sky", "weather"]): sky}
    text = json.dumps(facts) if rng.random() < 0.6 else rng.choice([f"{sky}, {degrees} degrees", f"{degrees} degrees, {sky}"])
    return text, f"It is {sky} in {v['place']}, {degrees} degrees.", [sky, str(degrees)]


def single(keys, make, say):
    """What a tool tells in one value, bare or as the only field of an object, and the reply made of it."""
    def told(rng, v):
        value = make(rng, v)
        bare = value if isinstance(value, str) else json.dumps(value)
        text = json.dumps({rng.choice(keys): value}) if rng.random() < 0.55 else bare
        return text, say.format(r=bare, R=capital(bare), **v), [bare]
    return told


def done(say):
    """What a tool tells that does something: that it is done."""
    def told(rng, v):
        text = rng.choice(["ok", "OK", "done", '{"ok": true}', '{"status": "ok"}', '{"success": true}', "success", "true"])
        reply = say.format(**{k: str(x) for k, x in v.items()})
        return text, reply, [reply[:-1]]
    return told


def told_light(rng, v):
    text, _, _ = done("")(rng, v)
    reply = f"The light in the {v['room']} is {'on' if v['on'] else 'off'}."
    return text, reply, [reply[:-1]]


def sum_result(op):
    def make(_, v):
        return v["a"] + v["b"] if op == "+" else v["a"] - v["b"] if op == "-" else v["a"] * v["b"]
    return single(["result", "value", "answer", "sum" if op == "+" else "output"], make, "{a} " + op + " {b} = {r}.")


def two_numbers(ctx):
    top = ctx.rng.choice([20, 99, 999, 9999])
    return {"a": number(ctx, top), "b": number(ctx, top)}


A, B = ["a", "x", "first", "num1", "left"], ["b", "y", "second", "num2", "right"]

# family -> names, what it says of itself, slot -> (names of the parameter, type, optional), values, ways to ask, what it tells.
# '?' in a name stands for a verb. In the questions a slot that is optional stands in brackets.
FAMILIES = {
    "weather": {
        "names": ["? weather", "? weather", "? current weather", "? forecast", "weather", "? temperature", "? weather for city"],
        "about": ["Get the weather in a city.", "Current weather.", "The weather at a place.", "Get the current weather for a location"],
        "params": {"place": (["city", "location", "place", "city", "location", "town", "where"], "string", False),
                   "unit": (["unit", "units", "scale"], ["celsius", "fahrenheit"], True)},
        "values": weather, "told": told_weather,
        "asks": ["What is the weather in {place}[ in {unit}]?", "How is the weather in {place}[ in {unit}]?",
                 "What's the weather like in {place}[ in {unit}]?", "Weather in {place}[ in {unit}]?", "Is it cold in {place}?",
                 "What is the temperature in {place}[ in {unit}]?", "How warm is it in {place}[ in {unit}]?",
                 "Is it raining in {place}?", "Tell me the weather in {place}[ in {unit}].", "I am in {place}. What is the weather?",
                 "Check the weather for {place}[ in {unit}].", "~How hot is it in {place}[ in {unit}]?",
                 "~Do I need a coat in {place}?", "~I want to know the weather in {place}[ in {unit}]."]},
    "time": {
        "names": ["? time", "? current time", "? local time", "time", "clock"],
        "about": ["Get the time in a city.", "The local time at a place.", "Current time."],
        "params": {"place": (["city", "location", "place", "timezone", "where"], "string", False)},
        "values": lambda ctx: {"place": place(ctx)},
        "told": single(["time", "now", "local_time"], lambda rng, v: clock(rng), "It is {r} in {place}."),
        "asks": ["What time is it in {place}?", "What is the time in {place}?", "Time in {place}?", "Tell me the time in {place}.",
                 "How late is it in {place}?", "What's the local time in {place}?", "~Do you know what time it is in {place}?"]},
    "add": {
        "names": ["add", "sum", "add numbers", "plus", "calculate sum"], "about": ["Add two numbers.", "The sum of two numbers."],
        "params": {"a": (A, "integer", False), "b": (B, "integer", False)}, "values": two_numbers, "told": sum_result("+"),
        "asks": ["What is {a} + {b}?", "What is {a} plus {b}?", "Add {a} and {b}.", "How much is {a} + {b}?", "{a} + {b}", "{a}+{b}?",
                 "What is the sum of {a} and {b}?", "Calculate {a} plus {b}.", "~Please add up {a} and {b}."]},
    "multiply": {
        "names": ["multiply", "times", "product", "multiply numbers"], "about": ["Multiply two numbers.", "The product of two numbers."],
        "params": {"a": (A, "integer", False), "b": (B, "integer", False)}, "values": two_numbers, "told": sum_result("*"),
        "asks": ["What is {a} * {b}?", "What is {a} times {b}?", "Multiply {a} by {b}.", "How much is {a} x {b}?", "{a} * {b}",
                 "~Please multiply {a} and {b}."]},
    "timer": {
        "names": ["set timer", "start timer", "timer", "set alarm"], "about": ["Set a timer.", "Start a timer of some minutes."],
        "params": {"minutes": (["minutes", "duration", "mins", "length"], "integer", False)},
        "values": lambda ctx: {"minutes": number(ctx, 120)}, "told": done("The timer is set for {minutes} minutes."),
        "asks": ["Set a timer for {minutes} minutes.", "Start a timer of {minutes} minutes.", "Timer for {minutes} minutes.",
                 "Wake me in {minutes} minutes.", "Set a {minutes} minute timer.", "~I need a timer for {minutes} minutes."]},
    "light": {
        "names": ["set light", "switch light", "light", "control light", "toggle light"],
        "about": ["Turn a light on or off.", "Switch the light in a room."],
        "params": {"room": (["room", "where", "location", "place"], "string", False), "on": (["on", "state", "is_on", "enabled"], "boolean", False)},
        "values": lambda ctx: {"room": draw(ctx, "room", lambda: ctx.rng.choice(ROOMS) if ctx.rng.random() < 0.8 else pseudo_word(ctx.rng, 4)),
                               "on": ctx.rng.random() < 0.5},
        "told": told_light,
        "asks": ["Turn {on} the light in the {room}.", "Switch {on} the light in the {room}.", "Turn the light {on} in the {room}.",
                 "Light {on} in the {room}.", "Turn the {room} light {on}.", "~Please put the light in the {room} {on}."]},
    "message": {
        "names": ["send message", "send text", "send email", "message", "notify"], "about": ["Send a message to somebody.", "Send a text."],
        "params": {"to": (["to", "recipient", "name", "person", "receiver"], "string", False),
                   "text": (["text", "message", "body", "content"], "string", False)},
        "values": lambda ctx: {"to": person(ctx), "text": ctx.rng.choice(
            ["I am late", "I am here", "dinner is ready", "I like {w}", "the {w} is here", "bring the {w}", "call me", "hello", "see you soon",
             "I am at home", "I miss you", "we need {w}", "the {w} is broken", "thank you"]).format(w=word(ctx))},
        "told": done("Your message to {to} was sent."),
        "asks": ['Tell {to}: "{text}"', "Write to {to}: {text}", 'Send "{text}" to {to}.', 'Send {to} the message "{text}".',
                 "Message {to}: {text}", "Tell {to} that {text}.", '~Let {to} know: "{text}"']},
    "translate": {
        "names": ["translate", "translate word", "translate text", "? translation"], "about": ["Translate a word.", "Translate text to a language."],
        "params": {"text": (["text", "word", "input", "phrase"], "string", False),
                   "language": (["language", "to", "target", "target_language", "lang"], "string", False)},
        "values": lambda ctx: {"text": word(ctx), "language": ctx.rng.choice(LANGUAGES)},
        "told": single(["translation", "result", "text"], lambda rng, v: pseudo_word(rng), "In {language} it is {r}."),
        "asks": ["Translate {text} to {language}.", "Translate {text} into {language}.", "What is {text} in {language}?",
                 "How do you say {text} in {language}?", "Say {text} in {language}.", "~What is the {language} word for {text}?"]},
    "search": {
        "names": ["search", "web search", "search web", "google", "search documents"], "about": ["Search the web.", "Find documents."],
        "params": {"query": (["query", "q", "search", "text", "terms"], "string", False)},
        "values": lambda ctx: {"query": word(ctx) + (" " + word(ctx) if ctx.rng.random() < 0.4 else "")},
        "told": single(["result", "text", "answer", "title"], lambda rng, v: " ".join(rng.choice(NOUNS) for _ in range(rng.randint(1, 3))),
                       "I found this: {r}."),
        "asks": ["Search for {query}.", "Search the web for {query}.", "Look up {query}.", "Find {query}.", "Google {query}.",
                 "Find something about {query}.", "~Can you search for {query}?"]},
    "price": {
        "names": ["? price", "price", "? cost", "? stock price"], "about": ["The price of a thing.", "Get a price."],
        "params": {"item": (["item", "product", "name", "symbol", "thing"], "string", False)},
        "values": lambda ctx: {"item": word(ctx)},
        "told": single(["price", "cost", "value", "amount"], lambda rng, v: rng.randint(1, 999), "The price of {item} is {r}."),
        "asks": ["What is the price of {item}?", "How much is {item}?", "How much does {item} cost?", "Price of {item}?",
                 "What does {item} cost?", "Tell me the price of {item}.", "~I want to buy {item}. How much is it?"]},
    "population": {
        "names": ["? population", "population", "count people"], "about": ["How many people live in a country.", "Get the population."],
        "params": {"country": (["country", "place", "name", "location"], "string", False)},
        "values": lambda ctx: {"country": draw(ctx, "country", lambda: ctx.rng.choice(
            [c for c in CAPITALS if not c.startswith("the ")]) if ctx.rng.random() < 0.7 else capital(pseudo_word(ctx.rng, 4)))},
        "told": single(["population", "people", "count", "result"], lambda rng, v: rng.randint(1000, 99999999), "{r} people live in {country}."),
        "asks": ["How many people live in {country}?", "What is the population of {country}?", "Population of {country}?",
                 "How big is the population of {country}?", "~Tell me how many people {country} has."]},
    "order": {
        "names": ["? order", "? order status", "track order", "order status"], "about": ["The state of an order.", "Look up an order."],
        "params": {"id": (["id", "order_id", "number", "order"], "integer", False)},
        "values": lambda ctx: {"id": number(ctx, 99999)},
        "told": single(["status", "state", "result"], lambda rng, v: rng.choice(STATES), "Order {id} is {r}."),
        "asks": ["Where is order {id}?", "What is the status of order {id}?", "Where is my order {id}?", "Check order {id}.",
                 "Order {id}?", "~Has order {id} arrived?"]},
    "buy": {
        "names": ["order food", "buy", "place order", "order item", "add to cart"], "about": ["Order something to eat.", "Buy things."],
        "params": {"item": (["item", "food", "product", "dish"], "string", False), "count": (["count", "quantity", "amount", "number"], "integer", False)},
        "values": lambda ctx: {"item": draw(ctx, "food", lambda: ctx.rng.choice(FOODS) if ctx.rng.random() < 0.6 else word(ctx)),
                               "count": ctx.rng.randint(1, 20)},
        "told": done("I ordered {count} {item}."),
        "asks": ["Order {count} {item}.", "I want {count} {item}.", "Buy {count} {item}.", "Please order {count} {item} for me.",
                 "Get me {count} {item}.", "~We need {count} {item}."]},
    "event": {
        "names": ["add event", "create event", "schedule", "add reminder", "remind"], "about": ["Add something to the calendar.", "Remind of something."],
        "params": {"title": (["title", "event", "name", "what"], "string", False), "day": (["day", "date", "when"], "string", False)},
        "values": lambda ctx: {"title": word(ctx), "day": ctx.rng.choice(DAYS)},
        "told": done("I noted {title} for {day}."),
        "asks": ["Put {title} on {day}.", "Remind me of {title} on {day}.", "Add {title} on {day} to my calendar.", "Schedule {title} for {day}.",
                 "Note {title} for {day}.", "~I have {title} on {day}. Please note it."]},
    "play": {
        "names": ["play music", "play", "play song", "start music"], "about": ["Play music.", "Play a song."],
        "params": {"title": (["song", "title", "name", "track", "query"], "string", False)},
        "values": lambda ctx: {"title": word(ctx)}, "told": done("I am playing {title}."),
        "asks": ["Play {title}.", "Play the song {title}.", "I want to hear {title}.", "Put on {title}.", "~Can you play {title} for me?"]},
    "pet": {
        "names": ["? pet", "find pet", "adopt pet"], "about": ["Find a pet.", "Look for an animal."],
        "params": {"kind": (["kind", "animal", "type", "species"], ANIMALS, False), "name": (["name", "called"], "string", False)},
        "values": lambda ctx: {"kind": ctx.rng.choice(ANIMALS), "name": draw(ctx, "pet", lambda: capital(pseudo_word(ctx.rng, 3, 6)))},
        "told": single(["found", "where", "place"], lambda rng, v: rng.choice(ROOMS), "I found {name} in the {r}."),
        "asks": ["Where is my {kind} {name}?", "Find my {kind} {name}.", "I lost my {kind} called {name}.", "~Have you seen {name}, my {kind}?"]},
}

# Tools that the user names, whatever they are for.
ASK_NAMED = ["Call {f} with {w}.", "Use {f} with {w}.", "Call {f}: {w}.", "Use the tool {f} with {w}.", "Please call {f} with {w}.",
             "Run {f} with {w}.", "~I want you to call {f} with {w}."]
NAMED_PARAMS = """id name user title code key path url file query text value number size count color type email phone date start end limit
page format mode level source target tag label note user_id item_id file_name max_size""".split()


def made_up(ctx):
    """A tool of words that mean nothing here, which the user will call by its name."""
    rng = ctx.rng
    words = [rng.choice(NOUNS) if rng.random() < 0.6 else pseudo_word(rng) for _ in range(rng.randint(1, 2))]
    name = style(rng, ([rng.choice(VERBS + ["set", "make", "run", "open", "delete", "update", "list"])] if rng.random() < 0.7 else []) + words)
    names = rng.sample(NAMED_PARAMS, rng.choice([1, 1, 2, 2, 3]))
    kinds = {n: "integer" if rng.random() < 0.35 else "string" for n in names}
    function = {"name": name, "parameters": {"type": "object", "properties": {n: {"type": k} for n, k in kinds.items()}, "required": names}}
    if rng.random() < 0.3:
        function["description"] = capital(" ".join(words)) + "."
    return Tool("named", name, {n: n for n in names}, {"type": "function", "function": function})


def declare(ctx):
    """Draw the tools of a conversation: mostly one to four."""
    rng = ctx.rng
    chosen = rng.sample(list(FAMILIES), rng.choice([1, 1, 1, 2, 2, 3, 4]))
    tools = [define(rng, f, FAMILIES[f]) for f in chosen]
    if rng.random() < 0.3:
        tools.append(made_up(ctx))
        rng.shuffle(tools)
    names = [t.name for t in tools]
    return tools if len(set(names)) == len(names) else declare(ctx)


def spoken(values):
    """Values as a user says them."""
    return {k: ("on" if v else "off") if isinstance(v, bool) else v for k, v in values.items()}


def question(ctx, tool, values):
    """A question that the tool answers: (text, held-out, the arguments it gives)."""
    spec = FAMILIES[tool.family]
    text, held = phrase(ctx, spec["asks"])
    given = {s for s in tool.params if not spec["params"][s][2]}
    if "[" in text:
        inside = text[text.index("[") + 1:text.index("]")]
        slot = inside[inside.index("{") + 1:inside.index("}")]
        if slot in tool.params and ctx.rng.random() < 0.5:
            given.add(slot)
            text = text.replace("[", "").replace("]", "")
        else:
            text = text.replace(f"[{inside}]", "")
    return text.format(**spoken(values)), held, {tool.params[s]: values[s] for s in tool.params if s in given}


def call_of(skill, user, calls, held):
    """The exchange in which the model calls."""
    expect = {"calls": [{"name": n, "arguments": a} for n, a in calls]}
    return Exchange(skill, user, None, expect, held, calls=calls)


def named(ctx, tool):
    """The user says which tool to call, and with what."""
    rng = ctx.rng
    properties = tool.definition["function"]["parameters"]["properties"]
    arguments = {n: number(ctx, 9999) if p["type"] == "integer" else word(ctx) for n, p in properties.items()}
    said = [rng.choice(["{n} {v}", "{n} {v}", "{n} = {v}", '{n} "{v}"' if isinstance(v, str) else "{n} {v}", "{n}={v}"]).format(n=n, v=v)
            for n, v in arguments.items()]
    text, held = phrase(ctx, ASK_NAMED)
    user = text.format(f=tool.name, w=rng.choice([" and ", ", "]).join(said) if len(said) < 3 else ", ".join(said[:-1]) + " and " + said[-1])
    calls = [(tool.name, arguments)]
    result = rng.choice([str(number(ctx, 9999)), word(ctx), word(ctx) + " " + word(ctx)])
    text = json.dumps({rng.choice(["result", "value", "data"]): result}) if rng.random() < 0.4 else result
    return [call_of("tool-call", user, calls, held or ctx.held),
            Exchange("tool-answer", None, f"The result is {result}.", {"contains": [result]}, ctx.held, results=[text])]


def unfit(ctx):
    """A question for a tool that is not there."""
    others = [f for f in FAMILIES if f not in {t.family for t in ctx.tools} and f not in ("add", "multiply")]
    family = ctx.rng.choice(others)
    tool = define(ctx.rng, family, FAMILIES[family])
    values = FAMILIES[family]["values"](ctx)
    text, held, _ = question(ctx, tool, values)
    return [Exchange("tool-choice", vary(ctx.rng, text, case=False), NO_TOOL, {"contains": ["no tool"]}, held or ctx.held)]


def episode(ctx):
    """A question that a tool answers, the call, its result and the reply; or one that no tool answers."""
    rng = ctx.rng
    if rng.random() < 0.22 and all(t.family != "search" for t in ctx.tools):
        return unfit(ctx)
    tool = rng.choice(ctx.tools)
    if tool.family == "named":
        return named(ctx, tool)
    spec = FAMILIES[tool.family]
    values = spec["values"](ctx)
    text, held, arguments = question(ctx, tool, values)
    held = held or ctx.held
    calls, all_values = [(tool.name, arguments)], [values]
    if rng.random() < 0.15 and "place" in values and "unit" not in arguments.values() and len(arguments) == 1:
        other = spec["values"](ctx)
        if values["place"] in text and other["place"] != values["place"]:
            text = text.replace(values["place"], f"{values['place']} and {rng.choice(['', 'in '])}{other['place']}")
            calls.append((tool.name, {tool.params["place"]: other["place"]}))
            all_values.append(other)
    user = vary(rng, text, case=False)
    if rng.random() < 0.07:
        error = rng.choice(ERRORS)
        results = [rng.choice(["error: {e}", '{{"error": "{e}"}}', "Error: {e}"]).format(e=error)]
        answer = Exchange("tool-answer", None, FAILED.format(e=error), {"contains": [error]}, held, results=results * len(calls))
    else:
        told = [spec["told"](rng, v) for v in all_values]
        answer = Exchange("tool-answer", None, " ".join(t[1] for t in told), {"contains": [c for t in told for c in t[2]]}, held,
                          results=[t[0] for t in told])
    skill = "tool-call" if len(calls) == 1 else "tool-calls"
    return [call_of(skill, user, calls, held), answer]
