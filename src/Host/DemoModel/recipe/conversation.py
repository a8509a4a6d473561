"""Puts the skills together: conversations to train on, and held-out prompts to judge by."""

import random
from dataclasses import replace

from skills import greetings, honesty, identity, letters, memory, names, streamcore, sums, world
from skills.common import Context, normal

# skill -> (how it writes an episode, how often at first, how often later). The later weights favour what is learnt
# slowly. A new skill is one module and one line here.
SKILLS = {
    "greetings": (greetings.episode, 6, 4),
    "identity": (identity.episode, 10, 8),
    "streamcore": (streamcore.episode, 14, 6),
    "sums": (sums.episode, 26, 42),
    "capitals": (world.capitals, 13, 13),
    "colours": (world.colours, 8, 8),
    "letters": (letters.episode, 22, 38),
    "memory": (memory.episode, 13, 18),
    "honesty": (honesty.episode, 10, 8),
}

# What is evaluated: name of the exchange's skill -> the episodes that contain it.
EVALUATED = {
    "greeting": ["greetings"], "identity": ["identity"], "system-name": ["identity"], "streamcore": ["streamcore"],
    "sums": ["sums"], "capitals": ["capitals"], "colours": ["colours"], "spelling": ["letters"], "reversing": ["letters"],
    "letters": ["letters"], "follow-up": ["sums", "capitals", "colours", "letters"], "memory": ["memory"],
    "honesty": ["honesty", "sums", "capitals", "colours"],
}

MILLION = "2.5"  # parameters in millions, as the model states it; train.py sets it from the real count


def fill(text):
    """Put the parameter count into a reply."""
    return text.replace("{million}", MILLION)


def choose_skill(rng, named, told=False, phase=1):
    """Draw a skill by weight; a named assistant is asked about itself more often, a told fact is asked back."""
    keys = list(SKILLS)
    weights = [SKILLS[k][phase] * (3.0 if named and k == "identity" else 2.0 if told and k == "memory" else 1) for k in keys]
    return rng.choices(keys, weights)[0]


def system_message(ctx, force_name=False):
    """The system message, if any: (message or None, held-out)."""
    roll = ctx.rng.random()
    if force_name or roll < 0.24:
        text, ctx.name, held = names.naming_message(ctx)
        return text, held
    if roll < 0.38:
        return ctx.rng.choice(names.NEUTRAL), False
    return None, False


def write_episode(ctx, skill):
    """One episode of a skill that is free of held-out material."""
    while True:
        attempt = replace(ctx, facts=dict(ctx.facts))
        exchanges = SKILLS[skill][0](attempt)
        if not any(e.held for e in exchanges):
            ctx.facts = attempt.facts
            ctx.last_user = exchanges[-1].user
            return exchanges


def length(rng):
    """How many episodes a conversation has; a few are long, so that late positions are learnt."""
    roll = rng.random()
    if roll < 0.40:
        return 1
    if roll < 0.68:
        return 2
    if roll < 0.84:
        return 3
    return rng.randint(4, 6) if roll < 0.97 else rng.randint(8, 14)


def conversation(rng, phase=1):
    """A conversation to train on: a list of {role, content}."""
    ctx = Context(rng)
    system, _ = system_message(ctx)
    messages = [{"role": "system", "content": system}] if system else []
    for _ in range(length(rng)):
        for e in write_episode(ctx, choose_skill(rng, ctx.name, bool(ctx.facts), phase)):
            messages.append({"role": "user", "content": e.user})
            messages.append({"role": "assistant", "content": fill(e.reply)})
    return messages


def held_prompt(rng, skill):
    """One held-out prompt of a skill: {skill, messages, expect, reply}, or None when the draw did not fit."""
    ctx = Context(rng)
    named = skill == "system-name"
    ctx.held = named
    system, held_name = system_message(ctx, named)
    ctx.held = False
    messages = [{"role": "system", "content": system}] if system else []

    def add(exchange):
        messages.append({"role": "user", "content": exchange.user})
        messages.append({"role": "assistant", "content": fill(exchange.reply)})

    for _ in range(rng.choice([0, 0, 1, 2])):
        for e in write_episode(ctx, choose_skill(rng, False)):
            add(e)
    source = rng.choice(EVALUATED[skill])
    if skill == "memory":
        for _ in range(rng.choice([0, 1, 1])):
            ctx.held = True
            add(memory.tell(ctx, rng.choice(list(memory.TELL))))
            ctx.last_user = messages[-2]["content"]
            ctx.held = False
            for e in write_episode(ctx, choose_skill(rng, False)) if rng.random() < 0.5 else []:
                add(e)
    ctx.held = True
    for e in SKILLS[source][0](ctx):
        if e.skill == skill and (e.held or held_name):
            messages.append({"role": "user", "content": e.user})
            expect = {"contains": [fill(t) for t in e.expect["contains"]]}
            return {"skill": skill, "messages": messages, "expect": expect, "reply": fill(e.reply)}
        add(e)
    return None


# Skills whose held-out prompts are held out by their wording alone (the others hold out numbers, words or names).
BY_WORDING = {"greeting", "identity", "streamcore", "capitals", "colours", "honesty"}


def trained_texts(seed, conversations=100000):
    """User texts of a large sample of training conversations, in normal form."""
    rng = random.Random(f"{seed}-texts")
    return {normal(m["content"]) for _ in range(conversations) for m in conversation(rng) if m["role"] == "user"}


def held_prompts(seed, per_skill):
    """The held-out prompts of all skills, without repeats and without wordings that training reaches another way."""
    out, seen, trained = [], set(), trained_texts(seed)
    for skill in EVALUATED:
        rng = random.Random(f"{seed}-{skill}")
        count = 0
        for _ in range(200000):
            prompt = held_prompt(rng, skill)
            if prompt is None:
                continue
            text = normal(prompt["messages"][-1]["content"])
            if (skill, text) in seen or skill in BY_WORDING and text in trained:
                continue
            seen.add((skill, text))
            out.append(prompt)
            count += 1
            if count == per_skill:
                break
    return out
