"""Spelling words, reversing them, counting letters, first and last letters."""

from .common import Exchange, capital, draw, is_held, phrase, pseudo_word, vary

WORDS = """apple river garden house table chair window door light night water fire earth stone tree leaf flower grass
bird cat dog horse cow sheep goat pig mouse lion tiger bear wolf fox rabbit snake frog fish whale shark crab bee ant
spider bread butter cheese milk egg sugar salt pepper rice soup meat apple pear plum peach cherry lemon orange banana
grape melon berry carrot potato tomato onion bean pea corn cake cookie candy honey jam tea coffee juice wine beer
cup glass plate bowl fork knife spoon pot pan oven fridge sink bath bed lamp clock phone radio screen mouse key board
book page paper pen pencil ink letter word line story poem song music dance film play game ball toy doll kite drum
piano flute guitar violin trumpet car bus train plane ship boat bike truck road street bridge tunnel tower castle
church school shop market bank hotel park farm barn field forest hill mountain valley lake sea ocean beach island
desert cloud rain snow wind storm thunder sun moon star sky planet comet summer winter spring autumn morning evening
day week month year hour minute second today king queen prince knight wizard dragon giant dwarf witch ghost robot
doctor nurse teacher farmer baker butcher pilot sailor soldier driver painter singer writer judge lawyer friend
mother father sister brother uncle aunt cousin child baby boy girl man woman people family red blue green yellow
black white brown pink purple grey silver gold big small tall short long wide narrow thick thin heavy fast slow hot
cold warm cool wet dry clean dirty new old young happy sad angry tired hungry brave kind quiet loud soft hard smooth
rough sharp sweet sour bitter fresh empty full open closed early late first last head hair face eye ear nose mouth
tooth tongue neck arm hand finger leg foot knee toe heart bone skin blood shirt coat hat shoe sock glove scarf belt
dress skirt jacket pocket button ring purse bag box basket bottle bucket rope chain wheel hammer nail saw axe ladder
brush broom soap towel mirror candle match stove pillow blanket carpet curtain wall floor roof stairs garage fence
gate path stream server model token cache kernel thread memory python sharp number letter answer question help run
walk jump swim climb throw catch push pull carry build break cut cook bake wash drink eat sleep dream wake read write
draw paint sing listen speak talk laugh cry smile think learn teach know find lose win buy sell give take send bring
make keep hold start stop begin finish follow lead wait travel visit return choose change grow plant dig burn freeze
magic secret treasure adventure journey kitchen bedroom bottom button planet rocket circus monkey zebra camel donkey
turtle parrot penguin dolphin elephant giraffe kangaroo chicken turkey duck goose swan eagle owl pigeon crow beetle
butterfly mosquito computer keyboard internet network program number letter sentence grammar history science biology
physics chemistry hello world please thanks sorry maybe always never often under over between behind above around
yellow violet copper iron steel wood plastic rubber leather cotton silk wool marble diamond pearl crystal velvet
pizza pasta noodle salad sauce garlic ginger pumpkin mango olive coconut walnut almond peanut muffin waffle pancake
""".split()
WORDS = sorted({w for w in WORDS if len(w) <= 10})

SPELL = ["Spell {w}.", "Spell the word {w}.", "How do you spell {w}?", "How is {w} spelled?", "Can you spell {w}?",
         "Spell {w} for me.", "Please spell {w}.", "What is the spelling of {w}?", "Spell out {w}.", "spell: {w}",
         "How do I spell {w}?", "How do you write {w}?", "Give me the letters of {w}.", "Which letters are in {w}?",
         "Could you spell the word {w}?", "I want you to spell {w}.", "~Show me how to spell {w}.",
         "~Tell me how {w} is spelled."]
REVERSE = ["Reverse {w}.", "Reverse the word {w}.", "Spell {w} backwards.", "What is {w} backwards?",
           "Write {w} backwards.", "{w} backwards", "What is {w} in reverse?", "Spell {w} in reverse.",
           "Can you reverse {w}?", "How do you spell {w} backwards?", "Please reverse the word {w}.", "reverse: {w}",
           "Say {w} backwards.", "Can you spell {w} backwards?", "Turn {w} around.", "How is {w} spelled backwards?",
           "Give me {w} backwards.", "~Could you write the word {w} backwards?", "~What do you get if you reverse {w}?"]
COUNT = ["How many letters are in {w}?", "How many letters does {w} have?", "Count the letters in {w}.",
         "How long is the word {w}?", "Count the letters of {w}.", "How many letters are there in {w}?",
         "~What is the number of letters in {w}?"]
FIRST = ["What is the first letter of {w}?", "Which letter does {w} start with?", "First letter of {w}?",
         "What letter does {w} begin with?", "~Name the first letter of {w}."]
LAST = ["What is the last letter of {w}?", "Which letter does {w} end with?", "Last letter of {w}?",
        "What letter does {w} end with?", "~Name the last letter of {w}."]
SAME = ["And {w}?", "Now {w}.", "And the word {w}?", "What about {w}?", "Now do {w}.", "The same for {w}."]
BACK = ["And backwards?", "Spell that backwards.", "Now backwards.", "Now reverse it.", "Reverse that.", "And in reverse?",
        "Can you reverse it?", "Now spell it backwards.", "Backwards please.", "What is that backwards?",
        "~And how is that spelled backwards?", "~Can you do it backwards?"]
FORWARD = ["How do you spell that?", "And forwards?", "Spell it.", "Now spell it normally.", "And how is it spelled?"]
LONG = ["How many letters is that?", "How many letters does it have?", "And how many letters?", "Count the letters."]


def hyphens(word):
    """garden -> g-a-r-d-e-n"""
    return "-".join(word)


def spell_reply(word):
    """The spelling of a word."""
    return f"{word} is spelled {hyphens(word)}.", {"contains": [f"spelled {hyphens(word)}."]}


def reverse_reply(word):
    """First the letters, then the letters from the end: the model may look at what it wrote."""
    back = hyphens(word[::-1])
    return f"{word} is {hyphens(word)}. Backwards it is {back}.", {"contains": [f"ackwards it is {back}."]}


def count_reply(word):
    """The letters and how many they are."""
    return f"{hyphens(word)}: {word} has {len(word)} letters.", {"contains": [f" has {len(word)} letters"]}


def first_reply(word):
    """The first letter."""
    return f"The first letter of {word} is {word[0]}.", {"contains": [f" is {word[0]}."]}


def last_reply(word):
    """The last letter, by way of the spelling."""
    return f"{hyphens(word)}: the last letter of {word} is {word[-1]}.", {"contains": [f" is {word[-1]}."]}


KINDS = {"spelling": (SPELL, spell_reply), "reversing": (REVERSE, reverse_reply), "count": (COUNT, count_reply),
         "first": (FIRST, first_reply), "last": (LAST, last_reply)}


def some_word(ctx):
    """A word on the right side of the hold-out line: half everyday words, half made up."""
    rng = ctx.rng
    share = 0.75 if ctx.held else 0.45

    def make():
        if rng.random() >= share:
            return pseudo_word(rng, 2, 9)
        word = rng.choice(WORDS)
        return word + "s" if rng.random() < 0.15 and len(word) < 9 and word[-1] not in "sxzhy" else word

    return draw(ctx, "word", make)


def dressed(rng, word):
    """The word as a user may write it: plain, quoted, capitalised or in capitals."""
    roll = rng.random()
    if roll < 0.05:
        word = capital(word)
    elif roll < 0.07:
        word = word.upper()
    roll = rng.random()
    return f'"{word}"' if roll < 0.12 else f"'{word}'" if roll < 0.18 else word


def ask(ctx, kind, word, templates=None, skill=None):
    """The exchange for one question about a word."""
    default, reply = KINDS[kind]
    text, held = phrase(ctx, templates or default)
    user = vary(ctx.rng, text.format(w=dressed(ctx.rng, word)))
    text, expect = reply(word)
    name = skill or (kind if kind in ("spelling", "reversing") else "letters")
    return Exchange(name, user, text, expect, held or is_held("word", word))


def episode(ctx):
    """A question about a word, often with a follow-up on the same or another word."""
    rng = ctx.rng
    kind = rng.choices(list(KINDS), [5, 6, 2, 1, 1])[0]
    word = some_word(ctx)
    out = [ask(ctx, kind, word)]
    roll = rng.random()
    if roll < 0.12:
        out.append(ask(ctx, kind, some_word(ctx), SAME, "follow-up"))
    elif roll < 0.32 and kind != "reversing":
        out.append(ask(ctx, "reversing", word, BACK, "follow-up"))
    elif roll < 0.38 and kind != "spelling":
        out.append(ask(ctx, "spelling", word, FORWARD, "follow-up"))
    elif roll < 0.43 and kind != "count":
        out.append(ask(ctx, "count", word, LONG, "follow-up"))
    return out
