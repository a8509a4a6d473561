"""What the user said earlier in the conversation: names, favourites, pets, the last question."""

from .common import Exchange, capital, draw, is_held, phrase, pseudo_word, reword, text_held, vary
from .names import person
from .world import NAMES as COLOUR_NAMES

FOODS = "pizza pasta soup bread cheese rice salad cake fish chocolate apples noodles curry sushi pancakes honey".split()
CITIES = "Bern Paris Rome Oslo London Berlin Madrid Vienna Tokyo Lima Cairo Prague Dublin Zurich Boston Geneva".split()
JOBS = "teacher baker doctor farmer pilot nurse writer painter singer cook driver student lawyer gardener".split()
ANIMALS = "dog cat horse rabbit parrot hamster".split()

# key: (ways to tell, the confirmation, ways to ask, the answer, what it says when it was not told)
TELL = {
    "name": (["My name is {v}.", "I am {v}.", "I'm {v}.", "Call me {v}.", "Hi, I am {v}.", "Hello, my name is {v}.",
              "You can call me {v}.", "This is {v}.", "People call me {v}.", "~Hey there, I am called {v}."],
             "Nice to meet you, {v}!",
             ["What is my name?", "Do you know my name?", "What's my name?", "Who am I?", "Do you remember my name?",
              "Tell me my name.", "How am I called?", "What did I say my name was?", "Say my name.",
              "~Can you remember my name?", "~Can you tell me what my name is?"],
             "Your name is {v}.", "You have not told me your name."),
    "colour": (["My favourite colour is {v}.", "I like the colour {v}.", "My favorite color is {v}.", "I love {v}, it is my favourite colour."],
               "{V} is a nice colour.",
               ["What is my favourite colour?", "Which colour do I like?", "What's my favorite color?", "Do you remember my favourite colour?",
                "~Tell me which colour I like."],
               "Your favourite colour is {v}.", "You have not told me your favourite colour."),
    "food": (["I like {v}.", "My favourite food is {v}.", "I love to eat {v}.", "My favorite food is {v}."],
             "{V} sounds good.",
             ["What is my favourite food?", "What do I like to eat?", "What's my favorite food?", "Which food do I like?",
              "~Do you remember what I like to eat?"],
             "You like {v}.", "You have not told me your favourite food."),
    "city": (["I live in {v}.", "I am from {v}.", "My home is in {v}.", "I come from {v}."],
             "I hope you like it in {v}.",
             ["Where do I live?", "Where am I from?", "Do you know where I live?", "In which city do I live?", "~Tell me where I live."],
             "You live in {v}.", "You have not told me where you live."),
    "job": (["I am a {v}.", "I work as a {v}.", "My job is {v}.", "I'm a {v}."],
            "Being a {v} sounds interesting.",
            ["What is my job?", "What do I do for work?", "What's my job?", "Do you remember my job?", "~What do I work as?"],
            "You are a {v}.", "You have not told me your job."),
    "pet": (["My {a} is called {v}.", "I have a {a} called {v}.", "I have a {a} named {v}.", "The name of my {a} is {v}."],
            "{V} is a nice name.",
            ["What is my {a} called?", "What is the name of my {a}?", "What's my {a}'s name?", "Do you remember the name of my {a}?",
             "~Tell me what my {a} is called."],
            "Your {a} is called {v}.", "You have not told me about your {a}."),
    "number": (["My number is {v}.", "Remember the number {v}.", "My lucky number is {v}.", "I am thinking of the number {v}.",
                "Please remember {v}."],
               "I will remember {v}.",
               ["What is my number?", "Which number did I tell you?", "What was my number?", "What's my lucky number?",
                "What number should you remember?", "~Can you tell me my number?"],
               "Your number is {v}.", "You have not told me a number."),
}
LAST = ["What did I just ask?", "What did I just say?", "What was my last question?", "Repeat my last message.",
        "What did I ask you?", "What was my last message?", "Repeat what I said.", "Can you repeat that?", "Repeat my question.", "What was my question?", "What was that I said?",
        "Say my last message again.", "What have I just asked?", "What was it that I said?", "Do you remember my last question?",
        "What was the last thing I said?", "What did I say before?",
        "~Can you repeat my last question?", "~What was it that I just asked?"]


def choose(ctx, key):
    """A value to remember."""
    rng = ctx.rng
    if key == "name":
        return person(ctx)
    if key == "pet":
        return draw(ctx, "pet", lambda: capital(pseudo_word(rng, 3, 6)))
    if key == "number":
        return str(rng.randint(1, 99))
    return rng.choice({"colour": COLOUR_NAMES, "food": FOODS, "city": CITIES, "job": JOBS}[key])


def tell(ctx, key):
    """The user tells something; the context remembers it."""
    value = choose(ctx, key)
    animal = ctx.rng.choice(ANIMALS)
    text, held = phrase(ctx, TELL[key][0])
    ctx.facts[key] = value
    if key == "pet":
        ctx.facts["animal"] = animal
    user = vary(ctx.rng, text.format(v=value, a=animal), polite=False, case=key not in ("name", "city", "pet"))
    held = held or (key == "name" and is_held("person", value)) or (key == "pet" and is_held("pet", value))
    reply = TELL[key][1].format(v=value, V=capital(value))
    return Exchange("memory", user, reply, {"contains": [reply[1:-1]]}, held)


def recall(ctx, key):
    """The user asks for what was told, or for something that was not."""
    _, _, asks, known, unknown = TELL[key]
    value = ctx.facts.get(key)
    animal = ctx.facts.get("animal") or ctx.rng.choice(ANIMALS)
    text, held = phrase(ctx, asks)
    user = vary(ctx.rng, (text if held else reword(ctx.rng, text)).format(a=animal))
    reply = known.format(v=value, a=animal) if value else unknown.format(a=animal)
    contains = [value] if value else ["not told me"]
    held = held or bool(value) and (key == "name" and is_held("person", value) or key == "pet" and is_held("pet", value))
    return Exchange("memory", user, reply, {"contains": contains}, held)


def last_message(ctx):
    """The user asks what the last message was."""
    text, held = phrase(ctx, LAST)
    user = vary(ctx.rng, text if held else reword(ctx.rng, text))
    if ctx.last_user is None:
        return Exchange("memory", user, "This is your first message.", {"contains": ["first message"]}, held)
    reply = f'You wrote: "{ctx.last_user}"'
    return Exchange("memory", user, reply, {"contains": [ctx.last_user]}, held or text_held(ctx.last_user))


def episode(ctx):
    """Tell something, ask for something told before, or ask for the last message."""
    rng = ctx.rng
    roll = rng.random()
    if roll < 0.2:
        return [last_message(ctx)]
    told = [k for k in ctx.facts if k in TELL]
    if told and roll < 0.75:
        return [recall(ctx, rng.choice(told))]
    key = rng.choices(list(TELL), [6, 2, 2, 2, 2, 2, 2])[0]
    if roll < 0.84:
        return [recall(ctx, key)]
    first = tell(ctx, key)
    return [first, recall(ctx, key)] if rng.random() < 0.3 else [first]
