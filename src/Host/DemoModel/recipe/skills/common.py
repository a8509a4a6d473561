"""What every skill shares: the exchange type, the hold-out rule and the wording variation."""

import random
import re
import zlib
from dataclasses import dataclass, field

MODEL_NAME = "streamcore-demo"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass
class Exchange:
    """One message to the model with the reply it shall learn, and how a reply is checked.

    The message is the user's or, after calls, the results of the tools; the reply is text, or calls: (name, arguments).
    """

    skill: str
    user: str
    reply: str
    expect: dict
    held: bool = False  # True when this exchange must never be trained on
    calls: list = None      # the calls that are the reply, in place of text
    results: list = None    # the results that the message brings, in place of the user's words
    pieces: list = None     # the reply in pieces: (text, whether it is learnt); what a schema prescribes is not
    schema: dict = None     # the schema that the reply is kept to


@dataclass
class Context:
    """What a skill may look at while it writes the next exchange of a conversation."""

    rng: random.Random
    held: bool = False            # ask for held-out arguments or phrasings
    name: str = None              # the name a system message gave the assistant
    facts: dict = field(default_factory=dict)   # what the user told so far
    last_user: str = None         # the last user message
    tools: list = None            # the tools that the model may call, where there are some


def bucket(kind, key, size):
    """A stable hash bucket: the same on every machine and in every run."""
    return zlib.crc32(f"{kind}:{key}".encode()) % size


def is_held(kind, key):
    """Arguments (a pair of numbers, a word, a name) kept away from training: one in ten."""
    return bucket(kind, key, 10) == 0


def normal(text):
    """Lower case, letters and digits only: the form in which a user text is held out."""
    return " ".join(re.findall(r"[a-z0-9+*-]+", text.lower()))


def text_held(text):
    """Whole user texts kept away from training: one in fourteen, short everyday ones excepted."""
    words = normal(text)
    return words.count(" ") >= 2 and bucket("text", words, 14) == 0


def phrase(ctx, templates):
    """Choose a template; those marked '~' are phrasings that only the evaluation uses.

    Returns the template without its mark and whether it is a held-out one.
    """
    marked = [t for t in templates if t.startswith("~")]
    plain = [t for t in templates if not t.startswith("~")]
    if ctx.held and marked and ctx.rng.random() < 0.4:
        return ctx.rng.choice(marked)[1:], True
    return ctx.rng.choice(plain), False


def draw(ctx, kind, make, tries=400):
    """Draw an argument on the right side of the hold-out line."""
    for _ in range(tries):
        key = make()
        if is_held(kind, key) == ctx.held:
            return key
    return key


PREFIXES = ["Please tell me, ", "Hey, ", "Ok, ", "So, ", "Now, ", "Tell me, ", "Quick question: ",
            "Hi! ", "Hello, ", "And now: ", "Good, ", "One more: ", "Please, ", "I want to know, ", "Well, "]
SUFFIXES = [" please", ", please", " thanks", ", thank you", " now", " for me"]


def typo(rng, text):
    """One small slip of the keyboard."""
    if len(text) < 6:
        return text
    i = rng.randrange(1, len(text) - 2)
    kind = rng.randrange(3)
    if kind == 0:
        return text[:i] + text[i + 1:]
    if kind == 1:
        return text[:i] + text[i + 1] + text[i] + text[i + 2:]
    return text[:i] + text[i] + text[i:]


def vary(rng, text, slips=False, polite=True, case=True):
    """Vary casing, punctuation and politeness; `slips` allows a typing error, `case` a change of case."""
    end = text[-1] if text[-1] in "?.!" else ""
    body = text[:-1] if end else text
    if polite and rng.random() < 0.12:
        body += rng.choice(SUFFIXES)
    if polite and rng.random() < 0.18:
        prefix = rng.choice(PREFIXES)
        if len(body) > 1 and body[0].isupper() and body[1].islower() and rng.random() < 0.7:
            body = body[0].lower() + body[1:]
        body = prefix + body
    roll = rng.random()
    if end == "?":
        end = "" if roll < 0.2 else "??" if roll < 0.23 else " ?" if roll < 0.26 else end
    elif end in (".", ""):
        end = "" if roll < 0.35 else "!" if roll < 0.42 else "." if roll < 0.9 else end
    if slips and rng.random() < 0.04:
        body = typo(rng, body)
    roll = rng.random()
    if case and roll < 0.16:
        body = body.lower()
    elif roll < 0.24:
        body = body[0].lower() + body[1:]
    return body + end


# Ways to say the same; each rule is applied now and then.
REWORDS = [(r"^How do I ", ["How can I ", "How would one ", "How does one ", "How to ", "How should I ", "What must I do to "]),
           (r"^How can I ", ["How do I ", "How could I ", "In what way can I ", "How to "]),
           (r"^What is ", ["What's ", "What exactly is ", "Tell me what is ", "what is ", "Can you say what is "]),
           (r"^Which ", ["What ", "Tell me which ", "And which ", "Say which "]),
           (r"^What ", ["Which ", "Tell me what ", "And what ", "Just what "]),
           (r"^Who ", ["And who ", "So who ", "Tell me who "]),
           (r"^Tell me ", ["Can you tell me ", "Say ", "I would like to know ", "Do tell me ", "Explain "]),
           (r"^Can you ", ["Could you ", "Are you able to ", "Would you ", "Will you "]),
           (r"^Does StreamCore ", ["Can StreamCore ", "Will StreamCore ", "Is it true that StreamCore does "]),
           (r"^Do you know ", ["Can you tell me ", "Have you heard of ", "Do you happen to know "]),
           (r"^Are you ", ["Are you really ", "So are you ", "Tell me, are you ", "Are you perhaps "]),
           (r" StreamCore", [" the StreamCore server", " this StreamCore", " StreamCore itself"]),
           (r"^Where ", ["Tell me where ", "And where ", "At what place "]),
           (r"^How ", ["Tell me how ", "And how ", "Say how ", "Explain how "])]


def reword(rng, text):
    """Say a question in a slightly different way, in about four cases of ten."""
    if rng.random() < 0.6:
        return text
    for pattern, others in rng.sample(REWORDS, len(REWORDS)):
        if re.search(pattern, text):
            return re.sub(pattern, rng.choice(others), text, count=1)
    return text


SYLLABLES = [c + v for c in "b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl sh st tr th".split()
             for v in "a e i o u".split()] + "an ar as el en er et il in is on or um us al ol".split()


def pseudo_word(rng, shortest=3, longest=8):
    """A made-up word of syllables, so that letters and copying are learnt for any word."""
    while True:
        word = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.5:
            word += rng.choice("nrstlmkdpg")
        if shortest <= len(word) <= longest:
            return word


def capital(word):
    """First letter in upper case, the rest untouched."""
    return word[0].upper() + word[1:]
