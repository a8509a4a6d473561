"""Puts the skills together: conversations to train on, and held-out prompts to judge by."""

import json
import random
from dataclasses import replace

from skills import copying, greetings, honesty, identity, letters, memory, names, records, streamcore, sums, tools, world
from skills.common import Context, normal

# skill -> (how it writes an episode, how often at first, how often later). The later weights favour what is learnt slowly.
# A new skill is one module and one line here.
SKILLS = {
    "greetings": (greetings.episode, 6, 7),
    "identity": (identity.episode, 10, 10),
    "streamcore": (streamcore.episode, 14, 9),
    "sums": (sums.episode, 26, 40),
    "capitals": (world.capitals, 13, 8),
    "colours": (world.colours, 8, 7),
    "letters": (letters.episode, 22, 36),
    "memory": (memory.episode, 13, 20),
    "honesty": (honesty.episode, 10, 10),
    "records": (records.episode, 22, 45),
    "copying": (copying.episode, 20, 16),
    "tools": (tools.episode, 0, 0),  # where there are tools: TOOLS_SHARE of the episodes
}

TOOLS_SHARE = 0.75
# What a tool does better, or what would be answered in another way without tools.
LEFT_TO_TOOLS = {"add": ["sums"], "multiply": ["sums"]}

# What is evaluated: name of the exchange's skill -> the episodes that contain it.
EVALUATED = {
    "greeting": ["greetings"], "identity": ["identity"], "system-name": ["identity"], "streamcore": ["streamcore"],
    "sums": ["sums"], "capitals": ["capitals"], "colours": ["colours"], "spelling": ["letters"], "reversing": ["letters"],
    "letters": ["letters"], "follow-up": ["sums", "capitals", "colours", "letters"], "memory": ["memory"],
    "honesty": ["honesty", "sums", "capitals", "colours"],
    "copying": ["copying"], "json": ["records"], "schema": ["records"], "tool-call": ["tools"], "tool-calls": ["tools"], "tool-answer": ["tools"], "tool-choice": ["tools"],
}

MILLION = "2.5"  # parameters in millions, as the model states it; train.py sets it from the real count


def fill(text):
    """Put the parameter count into a reply."""
    return text.replace("{million}", MILLION)


def choose_skill(rng, ctx, phase=0):
    """Draw a skill by weight; a named assistant is asked about itself more often, a told fact is asked back."""
    left = {"tools"}
    if ctx.tools:
        if rng.random() < TOOLS_SHARE:
            return "tools"
        left |= {"honesty"}.union(*(LEFT_TO_TOOLS.get(t.family, []) for t in ctx.tools))
    keys = [k for k in SKILLS if k not in left]
    told = bool(ctx.facts)
    weights = [SKILLS[k][1 + phase] * (3.0 if ctx.name and k == "identity" else 2.0 if told and k == "memory" else 1) for k in keys]
    return rng.choices(keys, weights)[0]


def messages_of(exchange, number):
    """An exchange as messages of OpenAI's API; `number` tells the calls of a conversation apart."""
    if exchange.results is None:
        out = [{"role": "user", "content": exchange.user}]
    else:
        out = [{"role": "tool", "tool_call_id": f"call_{number - 2}_{i}", "content": r} for i, r in enumerate(exchange.results)]
    said = {"role": "assistant", "content": fill(exchange.reply) if exchange.reply is not None else None}
    if exchange.calls:
        said["tool_calls"] = [{"id": f"call_{number}_{i}", "type": "function", "function": {
            "name": n, "arguments": json.dumps(a, ensure_ascii=False)}} for i, (n, a) in enumerate(exchange.calls)]
    if exchange.pieces:
        said["pieces"] = exchange.pieces
    return out + [said]


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
            ctx.last_user = [e.user for e in exchanges if e.user is not None][-1]
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


def definitions(ctx):
    """The tools of a conversation as OpenAI's API has them, or None."""
    return [t.definition for t in ctx.tools] if ctx.tools else None


def conversation(rng, phase=0):
    """A conversation to train on: (messages, tools or None)."""
    ctx = Context(rng)
    system, _ = system_message(ctx)
    if rng.random() < 0.32:
        ctx.tools = tools.declare(ctx)
    messages = [{"role": "system", "content": system}] if system else []
    for _ in range(length(rng)):
        for e in write_episode(ctx, choose_skill(rng, ctx, phase)):
            messages += messages_of(e, len(messages))
    return messages, definitions(ctx)


def held_prompt(rng, skill):
    """One held-out prompt of a skill: {skill, messages, tools, schema, expect, reply}, or None when the draw did not fit."""
    ctx = Context(rng)
    named = skill == "system-name"
    ctx.held = named
    system, held_name = system_message(ctx, named)
    ctx.held = False
    source = rng.choice(EVALUATED[skill])
    if source == "tools":
        ctx.tools = tools.declare(ctx)
    messages = [{"role": "system", "content": system}] if system else []

    def add(exchange):
        messages.extend(messages_of(exchange, len(messages)))

    for _ in range(rng.choice([0, 0, 1, 2])):
        for e in write_episode(ctx, choose_skill(rng, ctx)):
            add(e)
    if skill == "memory":
        for _ in range(rng.choice([0, 1, 1])):
            ctx.held = True
            add(memory.tell(ctx, rng.choice(list(memory.TELL))))
            ctx.last_user = messages[-2]["content"]
            ctx.held = False
            for e in write_episode(ctx, choose_skill(rng, ctx)) if rng.random() < 0.5 else []:
                add(e)
    ctx.held = True
    for e in SKILLS[source][0](ctx):
        added = messages_of(e, len(messages))
        if e.skill == skill and (e.held or held_name):
            expect = {"contains": [fill(t) for t in e.expect["contains"]]} if "contains" in e.expect else e.expect
            return {"skill": skill, "messages": messages + added[:-1], "tools": definitions(ctx), "schema": e.schema, "expect": expect,
                    "reply": added[-1]}
        messages += added
    return None


# Skills whose held-out prompts are held out by their wording alone (the others hold out numbers, words or names).
BY_WORDING = {"greeting", "identity", "streamcore", "capitals", "colours", "honesty"}


def trained_texts(seed, conversations=100000):
    """User texts of a large sample of training conversations, in normal form."""
    rng = random.Random(f"{seed}-texts")
    return {normal(m["content"]) for _ in range(conversations) for m in conversation(rng)[0] if m["role"] == "user"}


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
            text = normal(" ".join(m["content"] for m in prompt["messages"][-3:] if m["role"] in ("user", "tool")))
            text = text if prompt["messages"][-1]["role"] == "tool" else normal(prompt["messages"][-1]["content"])
            if (skill, text) in seen or skill in BY_WORDING and text in trained:
                continue
            seen.add((skill, text))
            out.append(prompt)
            count += 1
            if count == per_skill:
                break
    return out
