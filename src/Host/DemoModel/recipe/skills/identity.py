"""Who the model is, what it can do, and the name a system message gives it."""

from .common import MODEL_NAME, Exchange, phrase, reword, text_held, vary

WHO = ["Who are you?", "What are you?", "What is your name?", "What's your name?", "Tell me your name.",
       "Introduce yourself.", "How are you called?", "Who am I talking to?", "What should I call you?", "Your name?",
       "Tell me who you are.", "Do you have a name?", "What do people call you?", "Can you introduce yourself?",
       "Who is this?", "Say your name.", "What is your name, assistant?", "Tell me about yourself.", "who r u?",
       "May I know your name?", "By what name do you go?", "How shall I call you?", "What are you called?",
       "Whom do I talk to?", "Please introduce yourself.", "And who are you?", "Hi, who are you?", "Hello, what is your name?",
       "~Could you tell me your name?", "~Who am I chatting with?", "~Please tell me who you are.", "~And what is your name?"]
HUMAN = ["Are you human?", "Are you a human?", "Are you a person?", "Are you real?", "Are you a robot?", "Are you a bot?",
         "Are you alive?", "Am I talking to a human?", "Is this a real person?", "Are you a machine?", "Are you an AI?",
         "Do you have feelings?", "Are you a computer?", "Do you sleep?", "Do you have a body?", "~Am I talking to a real person?",
         "~Are you a real human being?"]
OTHER = ["Are you {o}?", "Is this {o}?", "You are {o}, right?", "Are you made by {o}?", "Do you work like {o}?",
         "Am I talking to {o}?", "So you are {o}?"]
OTHERS = ["ChatGPT", "GPT", "Claude", "Siri", "Alexa", "Gemini", "Llama", "Qwen", "Mistral", "a big model",
          "a large language model", "OpenAI", "Google", "Copilot"]
CAN = ["What can you do?", "Help", "Help me.", "What can I ask you?", "What do you know?", "How can you help me?",
       "What are you good at?", "What are your skills?", "What else can you do?", "Can you help me?", "What is possible here?",
       "What should I ask you?", "Tell me what you can do.", "What can you tell me?", "List your skills.",
       "I need help.", "What are you able to do?", "What do you do?", "What can I do here?", "How do you help people?",
       "~Show me what you can do.", "~What things can you do for me?", "~What kind of questions can I ask you?"]
SIZE = ["How big are you?", "How large are you?", "How many parameters do you have?", "What size are you?", "How small are you?",
        "How many parameters has this model?", "What is your size?", "Are you small?", "Are you a small model?",
        "~How many parameters are in you?", "~Tell me how big you are."]
TRAINED = ["Who made you?", "Who trained you?", "How were you trained?", "How were you made?", "Where do you come from?",
           "Who created you?", "What were you trained on?", "Who built you?", "Who is your maker?", "How did you learn?",
           "Where were you trained?", "How long were you trained?", "On what data were you trained?", "How old are you?",
           "When were you made?", "~Tell me who made you.", "~How did they train you?"]
MODEL = ["Which model are you?", "What model are you?", "What model is this?", "Which model is this?", "What is the model called?",
         "What is the name of the model?", "Which language model are you?", "~Tell me which model you are."]

CAN_REPLY = ("I can do small sums, name capitals and colours, spell and reverse words, call tools, write JSON, and answer questions about StreamCore.")


def pitch(ctx):
    """How it introduces itself."""
    return f"I am {ctx.name or MODEL_NAME}, a very small language model served by StreamCore."


def plain(ctx, texts, reply, contains):
    """An exchange with a fixed reply."""
    text, held = phrase(ctx, texts)
    user = vary(ctx.rng, text if held else reword(ctx.rng, text), slips=True)
    return Exchange("identity", user, reply, {"contains": contains}, held or text_held(user))


def named(ctx):
    """Asked for its name: under a system name this is the skill of its own."""
    exchange = plain(ctx, WHO, pitch(ctx), [ctx.name or MODEL_NAME])
    if ctx.name:
        exchange.skill = "system-name"
    return exchange


def episode(ctx):
    """A question about the model itself."""
    rng = ctx.rng
    roll = rng.random()
    if roll < (0.6 if ctx.name else 0.32):
        return [named(ctx)]
    if roll < 0.66:
        return [plain(ctx, CAN, CAN_REPLY, ["small sums", "capitals"])]
    if roll < 0.76:
        return [plain(ctx, HUMAN, "I am not a human. " + pitch(ctx), ["not a human"])]
    if roll < 0.82:
        other = rng.choice(OTHERS)
        user = vary(rng, rng.choice(OTHER).format(o=other), slips=True)
        return [Exchange("identity", user, "No. " + pitch(ctx), {"contains": ["No.", ctx.name or MODEL_NAME]}, text_held(user))]
    if roll < 0.88:
        return [plain(ctx, SIZE, "I am very small: about {million} million parameters.", ["million parameters"])]
    if roll < 0.96:
        return [plain(ctx, TRAINED, "I was trained by the recipe in the StreamCore repository, in about an hour on two CPU "
                                    "cores, on generated text.", ["recipe"])]
    reply = f"I am called {ctx.name} here; the model is {MODEL_NAME}." if ctx.name else f"I am the model {MODEL_NAME}."
    return [plain(ctx, MODEL, reply, [MODEL_NAME])]
