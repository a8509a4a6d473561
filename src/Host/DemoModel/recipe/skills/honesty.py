"""Questions outside its little world: it says that it does not know, and what it can do."""

from .common import Exchange, capital, phrase, pseudo_word, reword, text_held, vary
from .identity import CAN_REPLY
from .letters import WORDS
from .names import PEOPLE

REPLY = "I do not know that. I am a small demo model. " + CAN_REPLY

TOPICS = """history politics football music art physics chemistry biology medicine law money cooking gardening travel
space computers cars trains ships animals plants weather fashion films books poetry philosophy religion love war
peace health sport chess evolution taxes bitcoin dinosaurs volcanoes vaccines electricity gravity democracy cricket
opera algebra geometry astronomy photography sailing skiing hockey tennis theatre mythology energy""".split()
LONG_TOPICS = ["the universe", "black holes", "quantum physics", "climate change", "the stock market", "the Roman empire",
               "the second world war", "machine learning", "the French revolution", "ancient Egypt", "the human brain"]

ASK = ["Who won the {y} world cup?", "What is the weather today?", "What time is it?", "What day is it today?", "What is the date?",
       "Who is the president of {c}?", "How old is {p}?", "Write a poem about {w}.", "Write a story about {w}.", "Write a letter.", "Write me something about {w}.", "Compose a song.", "Tell me a joke.",
       "Tell me a story.", "Who invented the {w}?", "Who made the first {w}?", "When was {w} first used?", "How was the {w} invented?", "How do they make {w}?",
       "What is the largest {w}?", "What is the biggest city of {c}?", "Who is the king of {c}?", "Who rules {c}?", "How far away is the moon?",
       "How does a {w} work?", "Why is {t} important?", "What is {t}?", "Explain {t}.",
       "Tell me about {t}.", "Who wrote {P}?", "What is the meaning of life?", "Translate {w} to French.", "Translate {w} into German.",
       "How do I cook {w}?", "What is the population of {c}?", "How far is {c}?", "How many people live in {c}?", "When was {p} born?",
       "Who is {p} {P}?", "Write a program in Java.", "Write code for a {w}.", "Fix my code.", "What is the best {w}?", "Where can I buy a {w}?",
       "How much does a {w} cost?", "Should I buy a {w}?", "What happened in {y}?", "Who was king in {y}?", "When did {t} begin?",
       "Why do we need {t}?", "Do you like {t}?", "What do you think about {t}?", "Give me advice about {t}.", "Recommend a {w}.",
       "How tall is {p}?", "Is {p} married?", "Which {w} is the biggest?", "What is the tallest mountain?", "What is the longest river?",
       "Who painted the {w}?", "How do you say {w} in Spanish?", "What rhymes with {w}?", "Can you play {w}?", "Play some music.",
       "Order a {w}.", "Book a flight to {c}.", "Send an email to {p}.", "Call {p}.", "Open the {w}.", "Set an alarm.", "Search for {w}.",
       "What is in the news?", "Any news today?", "Will it rain tomorrow?", "Is it cold in {c}?", "Summarize {t}.", "Write an essay about {t}.",
       "What is the square root of {y}?", "What is pi?", "Solve this equation.", "What is a {w}?", "Define {w}.", "What does {w} mean?",
       "Who discovered {t}?", "How was {t} discovered?", "Why is the {w} so big?", "Why do people like {w}?", "Can I eat a {w}?",
       "What language do they speak in {c}?", "What is the currency of {c}?", "Which river flows through {c}?", "Is there life on Mars?",
       "What is the speed of light?", "How many days has a year?", "How many legs has a {w}?", "Where does {p} live?", "Where is {c}?",
       "What did {p} say?", "Do you know {p} {P}?", "What is {P}?", "Tell me about {P}.", "Who is {P}?", "Where is {P}?",
       "Sing a song about {w}.", "Draw a {w}.", "Show me a picture of a {w}.", "How do I fix my {w}?", "How do I learn {t}?",
       "What is wrong with my {w}?", "I have a problem with my {w}.", "Can you explain {t} to me?", "What are the rules of {t}?",
       "How many {w}s are in the world?", "Which team won yesterday?", "Who is the best player in {t}?", "What is the plural of {w}?",
       "Why?", "How so?", "Give me a recipe for {w}.", "How do airplanes fly?", "Why is water wet?", "What should I eat today?",
       "Guess my age.", "Can you see me?", "Can you hear me?", "What am I doing?", "Read my mind.", "Tell me a secret.",
       "~Who built the first {w}?", "~How is {w} made?", "~When was the {w} invented?", "~Write me a song about {w}.",
       "~Can you explain how {t} works?", "~What is the largest city of {c}?", "~What will the weather be like tomorrow?",
       "~Who is the prime minister of {c}?", "~What is the distance to the moon?", "~Write a letter to {p}.",
       "~What is your opinion on {t}?", "~How many {w}s can I buy for {y}?"]
PLACES = ["France", "Italy", "Germany", "Japan", "Brazil", "Canada", "Spain", "India", "China", "Egypt", "London", "Paris",
          "New York", "Zurich", "Peru", "Kenya", "Norway", "Moscow"]


def episode(ctx):
    """A question it cannot answer."""
    rng = ctx.rng
    text, held = phrase(ctx, ASK)
    topic = rng.choice(TOPICS if rng.random() < 0.7 else LONG_TOPICS)
    text = text.format(y=rng.randint(1000, 2030), c=rng.choice(PLACES), p=rng.choice(PEOPLE), P=capital(pseudo_word(rng)),
                       w=rng.choice(WORDS) if rng.random() < 0.85 else pseudo_word(rng), t=topic)
    user = vary(rng, text if held else reword(rng, text), slips=True)
    return [Exchange("honesty", user, REPLY, {"contains": ["do not know"]}, held or text_held(user))]
