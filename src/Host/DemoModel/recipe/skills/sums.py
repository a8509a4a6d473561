"""Small sums: plus, minus and times, in digits and words, with follow-ups such as 'add 5 to that'."""

from .common import Exchange, draw, is_held, phrase, vary

WORDS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty""".split()

ASK = ["What is {e}?", "What's {e}?", "How much is {e}?", "Calculate {e}.", "Compute {e}.", "{e}?", "{e} = ?", "{e}=",
       "{e}", "{e}", "Can you compute {e}?", "Can you tell me what {e} is?", "What does {e} make?", "{e} is what?",
       "Solve {e}.", "I need {e}.", "Work out {e}.", "Do you know {e}?", "Tell me {e}.", "What do you get for {e}?",
       "Please calculate {e}.", "What is the result of {e}?", "~Could you work out {e}?", "~Give me the result of {e}."]
PLUS = ["{a} + {b}", "{a} + {b}", "{a}+{b}", "{a} plus {b}", "{a} and {b}"]
MINUS = ["{a} - {b}", "{a} - {b}", "{a}-{b}", "{a} minus {b}"]
TIMES = ["{a} * {b}", "{a} x {b}", "{a}*{b}", "{a} times {b}"]
ASK_PLUS = ["Add {a} and {b}.", "What is the sum of {a} and {b}?", "Add {b} to {a}.", "The sum of {a} and {b}?",
            "I have {a} apples and get {b} more. How many apples do I have?", "~Please add up {a} and {b}."]
ASK_MINUS = ["Subtract {b} from {a}.", "Take {b} away from {a}.", "What is left if I take {b} from {a}?",
             "I have {a} apples and eat {b}. How many are left?", "~What remains when {b} is taken from {a}?"]
ASK_TIMES = ["Multiply {a} by {b}.", "What is the product of {a} and {b}?", "Multiply {a} and {b}."]
MORE_PLUS = ["Add {b} to that.", "And plus {b}?", "Now add {b}.", "Plus {b}?", "And {b} more?", "Add {b}.",
             "What if you add {b}?", "Add {b} to the result.", "~And if I add {b} to that?"]
MORE_MINUS = ["Subtract {b} from that.", "And minus {b}?", "Now take away {b}.", "Minus {b}?", "Subtract {b}.",
              "Take {b} away from that.", "Subtract {b} from the result.", "~And if you take {b} away?"]
DOUBLE = ["Double that.", "And twice that?", "Now double it.", "Double the result."]
OTHER = ["{a} / {b}", "{a} divided by {b}", "{a} : {b}", "{a}/{b}"]
DIVIDE = "I cannot divide: I only do plus, minus and times."
BIG = "That is too big for me: I only do sums with numbers up to 99."


def value(a, op, b):
    """The result of the sum."""
    return a + b if op == "+" else a - b if op == "-" else a * b


def answer(ctx, a, op, b, user, skill="sums", held=False):
    """The exchange for one sum."""
    text = f"{a} {op} {b} = {value(a, op, b)}."
    held = held or (op != "*" and is_held("sum", (a, op, b)))
    return Exchange(skill, user, text, {"contains": [f"= {value(a, op, b)}."]}, held)


def operands(ctx, op):
    """Two numbers on the right side of the hold-out line; the times table is learnt whole."""
    rng = ctx.rng
    if op == "*":
        return rng.randint(0, 10), rng.randint(0, 10)

    def make():
        top = 99 if rng.random() < 0.75 else 20
        a, b = rng.randint(0, top), rng.randint(0, top)
        if op == "-" and a < b and rng.random() < 0.85:
            a, b = b, a
        return a, op, b

    a, _, b = draw(ctx, "sum", make)
    return a, b


def first(ctx):
    """The question that opens an episode: (exchange, result)."""
    rng = ctx.rng
    op = rng.choices("+-*", [6, 4, 0 if ctx.held else 1.5])[0]
    a, b = operands(ctx, op)
    whole = {"+": ASK_PLUS, "-": ASK_MINUS, "*": ASK_TIMES}[op]
    if rng.random() < 0.25 and not (op == "-" and a < b):
        text, held = phrase(ctx, whole)
        user = vary(rng, text.format(a=a, b=b))
    else:
        text, held = phrase(ctx, ASK)
        part = rng.choice({"+": PLUS, "-": MINUS, "*": TIMES}[op])
        x, y = a, b
        if max(a, b) <= 20 and ("plus" in part or "minus" in part or "times" in part) and rng.random() < 0.6:
            x, y = WORDS[a], WORDS[b]
        user = vary(rng, text.format(e=part.format(a=x, b=y)))
    return answer(ctx, a, op, b, user, held=held), value(a, op, b)


def follow(ctx, result):
    """A follow-up on the last result: (exchange, result) or None when there is no fitting number."""
    rng = ctx.rng
    if not 0 <= result <= 99:
        return None
    roll = rng.random()
    if roll < 0.12 and result <= 50 and is_held("sum", (result, "+", result)) == ctx.held:
        return answer(ctx, result, "+", result, vary(rng, rng.choice(DOUBLE)), "follow-up"), 2 * result
    op = "+" if roll < 0.65 or result < 2 else "-"
    top = min(99, result) if op == "-" else rng.choice([9, 20, 99])
    _, _, b = draw(ctx, "sum", lambda: (result, op, rng.randint(1, top)))
    text, held = phrase(ctx, MORE_PLUS if op == "+" else MORE_MINUS)
    return answer(ctx, result, op, b, vary(rng, text.format(b=b)), "follow-up", held), value(result, op, b)


def episode(ctx):
    """One sum, often with a follow-up, or a sum that is too big and honestly refused."""
    rng = ctx.rng
    if rng.random() < 0.06:
        a, b = rng.randint(100, 99999), rng.randint(0, 9999)
        if rng.random() < 0.3:
            a, b = b, a
        part = rng.choice(rng.choice([PLUS, MINUS, TIMES])).format(a=a, b=b)
        text, held = phrase(ctx, ASK)
        if rng.random() < 0.25:
            user = vary(rng, text.format(e=rng.choice(OTHER).format(a=a % 100, b=b % 20)))
            return [Exchange("honesty", user, DIVIDE, {"contains": ["cannot divide"]}, held or bucket_big(a))]
        return [Exchange("honesty", vary(rng, text.format(e=part)), BIG, {"contains": ["too big"]}, held or bucket_big(a))]
    exchange, result = first(ctx)
    out = [exchange]
    while rng.random() < 0.4 and len(out) < 3:
        more = follow(ctx, result)
        if more is None:
            break
        out.append(more[0])
        result = more[1]
    return out


def bucket_big(a):
    """Held-out big numbers."""
    return is_held("big", a)
