"""Answers in JSON: facts taken from the user's words, or of the little world, put into the fields that are asked for."""

import json

from .common import DAYS, Exchange, capital, draw, phrase, pseudo_word, vary
from .letters import WORDS as NOUNS
from .memory import CITIES, FOODS, JOBS
from .names import person
from .sums import value
from .world import CAPITALS, COLOURS
from .world import NAMES as COLOUR_NAMES

EVENTS = "dinner party concert meeting match wedding picnic breakfast lunch lesson film show market race fair".split() + ["science fair"]

# A fact of a person -> what its field may be called.
KEYS = {"name": ["name", "name", "person", "first_name", "who"], "age": ["age", "age", "years", "years_old"],
        "city": ["city", "city", "town", "location", "place", "lives_in", "home"], "job": ["job", "job", "profession", "occupation", "work"],
        "food": ["food", "likes", "favourite_food", "favorite_food", "dish"]}
PERSON = ["{name} is {age} years old.", "{name} is {age} years old and lives in {city}.", "{name} is a {job} from {city}.",
          "{name} is {age} and likes {food}.", "My friend {name} is a {job} in {city}.", "{name} ({age}) works as a {job}.",
          "{name}, {age}, lives in {city} and works as a {job}.", "I met {name}, a {age} year old {job}.", "{name} from {city} likes {food}.",
          "{name} is a {age}-year-old {job} living in {city}.", "I am {name}, I am {age} and I live in {city}.", "My name is {name} and I am a {job}.",
          "~This is {name}, {age} years old, a {job} from {city}.", "~In {city} lives {name}, a {job} who is {age} years old."]
BEFORE = ["", "", "", "Extract the data: ", "Extract the person: ", "Extract the fields: ", "Who is this? ", "Read this: ", "Parse: ", "Get the facts. "]
PAIR = ["{n} is {a} and {m} is {b}.", "{n} is {a} years old, {m} is {b}.", "{n} ({a}) and {m} ({b})", "We are {n}, {a}, and {m}, {b}.",
        "~There is {n}, who is {a}, and there is {m}, who is {b}."]
EVENT = ["{p} and {q} go to a {e} on {d}.", "{p} and {q} are going to a {e} on {d}.", "{p} meets {q} for a {e} on {d}.",
         "On {d} {p} and {q} have a {e}.", "There is a {e} on {d} with {p} and {q}.", "~{d}: {e} with {p} and {q}."]
GOOD = ["I love this {w}.", "The {w} is great.", "What a lovely {w}!", "I like the {w} very much.", "This {w} is the best.", "I am so happy with my {w}.",
        "The {w} was wonderful.", "Great {w}!", "~I really enjoy this {w}."]
BAD = ["I hate this {w}.", "The {w} is awful.", "What a terrible {w}!", "I do not like the {w} at all.", "This {w} is the worst.", "I am so angry about my {w}.",
       "The {w} was broken.", "Bad {w}!", "~I really dislike this {w}."]
PLAIN = ["This is a {w}.", "The {w} is on the table.", "I have a {w}.", "There is a {w} here.", "I saw a {w} today.", "~The {w} arrived on Monday."]
ASKED = ["Answer in JSON with {k}.", "Answer as JSON with the fields {k}.", "Give me JSON with {k}.", "Return JSON with the keys {k}.",
         "As JSON with {k}.", "JSON with {k}, please.", "Reply with a JSON object with {k}.", "~Put {k} into a JSON object."]


def string(text):
    return {"type": "string"}, text


def integer(n):
    return {"type": "integer"}, n


def one_of(values, value):
    return {"type": "string", "enum": values}, value


def yes_no(b):
    return {"type": "boolean"}, b


def several(items):
    return {"type": "array", "items": items[0][0]}, [v for _, v in items]


def record(fields):
    """An object of fields: (schema, value)."""
    schema = {"type": "object", "properties": {k: s for k, (s, _) in fields}, "required": [k for k, _ in fields], "additionalProperties": False}
    return schema, {k: v for k, (_, v) in fields}


def facts(ctx):
    """All facts of a made-up person."""
    rng = ctx.rng
    city = rng.choice(CITIES) if rng.random() < 0.6 else capital(pseudo_word(rng, 4))
    return {"name": person(ctx), "age": rng.randint(1, 99), "city": city, "job": rng.choice(JOBS), "food": rng.choice(FOODS)}


def of_person(ctx):
    """One person; some of the facts are asked for, in any order."""
    rng = ctx.rng
    text, held = phrase(ctx, PERSON)
    known = facts(ctx)
    there = [k for k in known if "{" + k + "}" in text]
    asked = rng.sample(there, rng.randint(1, len(there)))
    if rng.random() < 0.6:
        asked = [k for k in there if k in asked]
    fields = [(rng.choice(KEYS[k]), integer(known[k]) if k == "age" else string(known[k])) for k in asked]
    whole = fields if rng.random() < 0.85 else [(rng.choice(["person", "user", "data"]), record(fields))]
    return rng.choice(BEFORE) + text.format(**known), whole, held or ctx.held


def of_pair(ctx):
    """Two persons: a list."""
    rng = ctx.rng
    text, held = phrase(ctx, PAIR)
    n, m, a, b = person(ctx), person(ctx), rng.randint(1, 99), rng.randint(1, 99)
    name, age = rng.choice(KEYS["name"]), rng.choice(KEYS["age"])
    people = [record([(name, string(who)), (age, integer(years))]) for who, years in ((n, a), (m, b))]
    key = rng.choice(["people", "persons", "users", "list", "items"])
    if rng.random() < 0.4:
        people, key = [string(n), string(m)], rng.choice(["names", "people", "persons"])
    return rng.choice(BEFORE[:4]) + text.format(n=n, m=m, a=a, b=b), [(key, several(people))], held or ctx.held


def of_event(ctx):
    """An event with a day and guests."""
    rng = ctx.rng
    text, held = phrase(ctx, EVENT)
    p, q, e, d = person(ctx), person(ctx), rng.choice(EVENTS), rng.choice(DAYS)
    fields = [(rng.choice(["name", "event", "title"]), string(e)), (rng.choice(["date", "day", "when"]), string(d)),
              (rng.choice(["participants", "people", "guests", "who"]), several([string(p), string(q)]))]
    if rng.random() < 0.4:
        fields = rng.sample(fields, rng.randint(1, 3))
    before = rng.choice(["", "", "Extract the event: ", "Extract the event information. "])
    return before + text.format(p=p, q=q, e=e, d=d), fields, held or ctx.held


def of_mood(ctx):
    """Whether somebody likes a thing."""
    rng = ctx.rng
    mood = rng.choice(["positive", "negative", "neutral"])
    text, held = phrase(ctx, {"positive": GOOD, "negative": BAD, "neutral": PLAIN}[mood])
    word = draw(ctx, "mood", lambda: rng.choice(NOUNS) if rng.random() < 0.8 else pseudo_word(rng))
    fields = [(rng.choice(["sentiment", "sentiment", "mood", "label", "class"]), one_of(["positive", "negative", "neutral"], mood))]
    before = rng.choice(["", "", "Classify: ", "What is the sentiment? ", "Is this positive or negative? "])
    return before + text.format(w=word), fields, held or ctx.held


def of_capital(ctx):
    """A capital and its country."""
    rng = ctx.rng
    country = rng.choice(list(CAPITALS))
    text, held = phrase(ctx, ["What is the capital of {c}?", "Capital of {c}?", "Tell me the capital of {c}.", "Name the capital of {c}.",
                              "~Which city is the capital of {c}?"])
    bare = country[4:] if country.startswith("the ") else country
    fields = [(rng.choice(["capital", "city", "answer", "capital"]), string(CAPITALS[country]))]
    if rng.random() < 0.4:
        fields.insert(rng.randrange(2), ("country", string(bare)))
    return text.format(c=country), fields, held


def of_colour(ctx):
    """The colour of a thing, some colours, or whether a thing has a colour."""
    rng = ctx.rng
    thing = rng.choice(list(COLOURS))
    roll = rng.random()
    if roll < 0.3:
        n = rng.randint(2, 5)
        word = ["two", "three", "four", "five"][n - 2]
        text, held = phrase(ctx, ["Name {n} colours.", "Give me {n} colors.", "List {n} colours.", "~I need {n} colours."])
        return text.format(n=word), [(rng.choice(["colours", "colors", "names", "list", "items"]), several([string(c) for c in COLOUR_NAMES[:n]]))], held
    if roll < 0.6:
        colour = COLOURS[thing] if rng.random() < 0.5 else rng.choice(COLOUR_NAMES)
        text, held = phrase(ctx, ["Is {t} {c}?", "Is it true that {t} is {c}?", "True or false: {t} is {c}.", "{t} is {c}, right?", "~Would you say that {t} is {c}?"])
        key = rng.choice(["answer", "result", "correct", "is_true", "yes", "true"])
        return capital(text.format(t=thing, c=colour)), [(key, yes_no(colour == COLOURS[thing]))], held
    text, held = phrase(ctx, ["What colour is {t}?", "What color is {t}?", "Which colour is {t}?", "Colour of {t}?", "~Tell me which colour {t} is."])
    return text.format(t=thing), [(rng.choice(["colour", "color", "answer", "color"]), one_of(COLOUR_NAMES, COLOURS[thing])
                                  if rng.random() < 0.4 else string(COLOURS[thing]))], held


def of_sum(ctx):
    """A sum with its numbers."""
    rng = ctx.rng
    op = rng.choice("+-")
    a, _, b = draw(ctx, "sum", lambda: (rng.randint(0, 50), op, rng.randint(0, 50)))
    text, held = phrase(ctx, ["What is {a} {o} {b}?", "How much is {a} {o} {b}?", "{a} {o} {b}", "Calculate {a} {o} {b}.", "~Work out {a} {o} {b}."])
    fields = [(rng.choice(["result", "answer", "value", "result"]), integer(value(a, op, b)))]
    if rng.random() < 0.5:
        fields = [("a", integer(a)), ("b", integer(b))] + fields
    return text.format(a=a, o=op, b=b), fields, held or ctx.held


FAMILIES = [(of_person, 8), (of_pair, 3), (of_event, 3), (of_mood, 3), (of_capital, 3), (of_colour, 3), (of_sum, 3)]


def pieces_of(schema, value):
    """A value as JSON in pieces: what the schema prescribes is not learnt, what it leaves open is."""
    if schema["type"] == "object":
        out, before = [], "{"
        for k, s in schema["properties"].items():
            out += [(f"{before}{json.dumps(k)}: ", False)] + pieces_of(s, value[k])
            before = ", "
        return out + [("}", False)]
    if schema["type"] == "array":
        out = [("[", False)]
        for i, v in enumerate(value):
            out += ([(", ", True)] if i else []) + pieces_of(schema["items"], v)
        return out + [("]", True)]
    if schema["type"] == "string":
        return [('"', False), (json.dumps(value, ensure_ascii=False)[1:], True)]
    return [(json.dumps(value), True)]


def episode(ctx):
    """Facts as JSON: the user names the fields and all of the answer is learnt, or a schema prescribes them."""
    families, weights = zip(*FAMILIES)
    text, fields, held = ctx.rng.choices(families, weights)[0](ctx)
    schema, value = record(fields)
    if ctx.rng.random() < 0.35:
        keys = list(value)
        asked, later = phrase(ctx, ASKED)
        listed = keys[0] if len(keys) == 1 else ", ".join(keys[:-1]) + " and " + keys[-1]
        if any(isinstance(v, dict) for v in value.values()) or any(isinstance(v, list) and isinstance(v[0], dict) for v in value.values()):
            return episode(ctx)  # the names of inner fields are not said
        user = text + " " + asked.format(k=listed)
        return [Exchange("json", user, json.dumps(value, ensure_ascii=False), {"json": value}, held or later)]
    user = vary(ctx.rng, text, case=False)
    if ctx.rng.random() < 0.3:
        user += ctx.rng.choice([" Answer in JSON.", " JSON, please.", " As JSON.", " Respond with JSON."])
    return [Exchange("schema", user, json.dumps(value, ensure_ascii=False), {"json": value}, held, pieces=pieces_of(schema, value), schema=schema)]
