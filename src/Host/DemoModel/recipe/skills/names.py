"""Names of people and assistants, and the system messages that give the assistant a name."""

from .common import capital, draw, is_held, phrase, pseudo_word

PEOPLE = """Anna Ben Clara David Emma Felix Greta Hugo Ida Jonas Karin Leo Maria Nils Olga Paul Rosa Simon Tina
Urs Vera Will Xenia Yara Zoe Adam Beth Carl Dora Eric Fiona George Helen Ian Julia Kevin Laura Martin Nora Oscar
Peter Quentin Rita Sam Tom Uma Victor Wendy Alex Bob Carol Dan Eva Frank Gina Henry Iris Jack Kate Lisa Mark Nina
Otto Pam Ralph Sara Ted Ursula Vince Walter Amir Bella Chen Dmitri Elif Fatima Hana Ivan Jin Kofi Lena Mei Noor
Omar Priya Ravi Sofia Tariq Yuki Lucas Mia Noah Liam Ella James Mary John Robert Linda Susan Karen Nancy Sandra
Daniel Thomas Matthew Anthony Andrew Steven Brian Edward Ron Jason Jeff Ryan Gary Amy Angela Melissa Ruth""".split()

ASSISTANTS = """Nova Max Ada Pixel Luna Robo Sparky Atlas Echo Bolt Iris Orion Sage Milo Ruby Jasper Cosmo Pip Titan
Willow Ziggy Aria Bruno Coco Dexter Fern Gus Hazel Indigo Juno Kiko Lotus Mango Nemo Onyx Pepper Quill Rex Sunny
Tango Umbra Vega Waldo Yoda Zen Botty Chip Dot Gizmo Helper Jarvis Marvin Oracle Percy Rusty Scout Tiny Wizard""".split()

NAMING = ["You are called {n}.", "Your name is {n}.", "You are {n}, a helpful assistant.", "You are {n}.",
          "You are an assistant called {n}.", "Your name is {n}. You are a friendly assistant.",
          "You are a helpful assistant named {n}.", "Act as {n}.", "Call yourself {n}.", "You are {n}. Be polite.",
          "You are named {n}.", "Answer as {n}.", "In this chat your name is {n}.", "you are {n}",
          "You're {n}, a friendly assistant.", "You are {n}, a small assistant. Answer briefly.",
          "Your name is {n} and you help people.", "You are the assistant {n}.", "Assistant name: {n}",
          "~You are a friendly chat assistant called {n}.", "~You go by the name {n}.", "~Hello! Your name is {n}."]

NEUTRAL = ["You are a helpful assistant.", "Answer briefly.", "Be polite.", "You are a friendly assistant.",
           "Be concise.", "You are a chat assistant.", "Help the user.", "Answer the questions of the user.",
           "You are helpful, honest and kind.", "Keep your answers short.", "Always be nice.", "Speak English.",
           "You are an assistant. Answer truthfully.", "Do not make things up.", "You answer questions.",
           "You are a helpful, respectful and honest assistant.", "Respond in one sentence.", "Think before you answer."]


def person(ctx):
    """A name of a user: mostly common names, some made up."""
    rng = ctx.rng
    return draw(ctx, "person", lambda: rng.choice(PEOPLE) if rng.random() < 0.6 else capital(pseudo_word(rng)))


def assistant(ctx):
    """A name for the assistant: known names and made-up ones."""
    rng = ctx.rng

    def make():
        roll = rng.random()
        if roll < 0.45:
            return rng.choice(ASSISTANTS)
        return rng.choice(PEOPLE) if roll < 0.65 else capital(pseudo_word(rng))

    return draw(ctx, "assistant", make)


def naming_message(ctx):
    """A system message that names the assistant. Returns (message, name, held-out)."""
    name = assistant(ctx)
    text, held = phrase(ctx, NAMING)
    return text.format(n=name), name, held or is_held("assistant", name)
