"""Repeating what the user says, and looking up what stands in the user's own words: practice for every other skill that copies."""

from .common import DAYS, Exchange, capital, draw, phrase, pseudo_word
from .letters import WORDS as NOUNS
from .memory import CITIES, FOODS, JOBS
from .names import PEOPLE
from .world import NAMES as COLOUR_NAMES

REPEAT = ["Say {t}", "Say: {t}", "Repeat: {t}", "Repeat after me: {t}", 'Say "{t}"', 'Repeat "{t}"', "Write {t}", "Echo: {t}", "say {t}",
          "Please repeat this: {t}", "~Copy this: {t}", "~Please say: {t}"]
ONE = ["{k} is {v}", "{k}: {v}", "{k} = {v}", "{k} has {v}", "{k} gets {v}", "{k} -> {v}"]
LOOK_UP = ["What is {k}?", "What does {k} have?", "What goes with {k}?", "{k}?", "Which one is {k}?", "~Tell me what belongs to {k}."]
LETTERS = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def item(rng):
    """A word, a name, a number or letters that mean nothing."""
    roll = rng.random()
    if roll < 0.35:
        text = pseudo_word(rng)
        return capital(text) if rng.random() < 0.6 else text
    if roll < 0.5:
        return str(rng.randint(0, 10 ** rng.randint(1, 5)))
    if roll < 0.62:
        return "".join(rng.choice(LETTERS) for _ in range(rng.randint(2, 8)))
    return rng.choice(rng.choice([NOUNS, CITIES, FOODS, JOBS, PEOPLE, COLOUR_NAMES, DAYS]))


def repeat(ctx):
    """The user gives words to say again."""
    rng = ctx.rng
    count = rng.choice([1, 1, 2, 2, 3, 4, 6, 9])
    text, held = phrase(ctx, REPEAT)
    said = draw(ctx, "copy", lambda: rng.choice([" ", " ", ", "]).join(item(rng) for _ in range(count)))
    return Exchange("copying", text.format(t=said), said, {"contains": [said]}, held or ctx.held)


def look_up(ctx):
    """The user lists pairs and asks for one of them."""
    rng = ctx.rng
    keys = list(dict.fromkeys(item(rng) for _ in range(rng.randint(2, 6))))
    values = [item(rng) for _ in keys]
    asked = rng.randrange(len(keys))
    key, value = draw(ctx, "look-up", lambda: (keys[asked], item(rng)))
    values[asked] = value
    one = rng.choice(ONE)
    listed = rng.choice([", ", "; ", ". "]).join(one.format(k=k, v=v) for k, v in zip(keys, values))
    text, held = phrase(ctx, LOOK_UP)
    return Exchange("copying", f"{listed}. {text.format(k=key)}", value, {"contains": [value]}, held or ctx.held)


def episode(ctx):
    """Words to say again, or pairs to look up."""
    return [repeat(ctx) if ctx.rng.random() < 0.5 else look_up(ctx)]
