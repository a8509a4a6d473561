"""Puts the skills together: conversations to train on, and held-out prompts to judge by."""

import random
from dataclasses import replace

from skills import greetings, honesty, identity, letters, memory, names, streamcore, sums, world
from skills.common import Context

# skill -> (how it writes an episode, how often). A new skill is one module and one line here.
SKILLS = {
    "greetings": (greetings.episode, 6),
    "identity": (identity.episode, 10),
    "streamcore": (streamcore.episode, 14),
    "sums": (sums.episode, 26),
    "capitals": (world.capitals, 13),
    "colours": (world.colours, 8),
    "letters": (letters.episode, 22),
    "memory": (memory.episode, 13),
    "honesty": (honesty.episode, 10),
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


def choose_skill(rng, named, told=False):
    """Draw a skill by weight; a named assistant is asked about itself more often, a told fact is asked back."""
    keys = list(SKILLS)
    weights = [SKILLS[k][1] * (3.0 if named and k == "identity" else 2.0 if told and k == "memory" else 1) for k in keys]
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


def conversation(rng):
    """A conversation to train on: a list of {role, content}."""
    ctx = Context(rng)
    system, _ = system_message(ctx)
    messages = [{"role": "system", "content": system}] if system else []
    for _ in range(length(rng)):
        for e in write_episode(ctx, choose_skill(rng, ctx.name, bool(ctx.facts))):
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


def held_prompts(seed, per_skill):
    """The held-out prompts of all skills, without repeats."""
    out, seen = [], set()
    for skill in EVALUATED:
        rng = random.Random(f"{seed}-{skill}")
        count = 0
        for _ in range(200000):
            prompt = held_prompt(rng, skill)
            if prompt is None or (skill, prompt["messages"][-1]["content"].lower()) in seen:
                continue
            seen.add((skill, prompt["messages"][-1]["content"].lower()))
            out.append(prompt)
            count += 1
            if count == per_skill:
                break
    return out
