"""Judges the model by the held-out prompts: greedy replies, the share answered rightly per skill.

Run: python3 src/Host/DemoModel/recipe/evaluate.py [--show 3]
"""

import argparse
import json
import os
import re

import torch

import conversation
import export
import tokenizer as tok
from skills import records

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(HERE), "model")
HELDOUT = os.path.join(HERE, "heldout.jsonl")


def parsed(text):
    """JSON as a value, or None."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def right(prompt, reply):
    """Whether a reply is what is expected: text that contains it all, JSON of that value, or calls with those arguments."""
    expect = prompt["expect"]
    if "contains" in expect:
        return all(t in reply for t in expect["contains"])
    if "json" in expect:
        return parsed(reply) == expect["json"]
    calls = re.findall(f"{tok.CALL}\n(.*?)\n{tok.END_CALL}", reply, re.S)
    return [parsed(c) for c in calls] == expect["calls"]


def judge(model, tokenizer, prompts, batch=32):
    """Replies of the model, in the order of the prompts."""
    starts = [tokenizer.prompt(p["messages"], p.get("tools")) for p in prompts]
    order = sorted((i for i, p in enumerate(prompts) if not p.get("schema")), key=lambda i: len(starts[i]))
    replies = [in_schema(model, tokenizer, p) if p.get("schema") else None for p in prompts]
    for k in range(0, len(order), batch):
        part = order[k:k + batch]
        for i, out in zip(part, model.greedy([starts[i] for i in part], tokenizer.specials["<|im_end|>"])):
            replies[i] = tokenizer.decode(out)
    return replies


@torch.no_grad()
def in_schema(model, tokenizer, prompt):
    """The reply to a prompt with a schema, where it is the expected one, else an empty text.

    What the schema prescribes is given; the rest is right when the model would have written each of its tokens.
    """
    value = prompt["expect"]["json"]
    text = json.dumps(value, ensure_ascii=False)
    reply = {"role": "assistant", "content": text, "pieces": records.pieces_of(prompt["schema"], value)}
    ids, mask = tokenizer.chat(prompt["messages"] + [reply], prompt.get("tools"))
    begin = len(tokenizer.prompt(prompt["messages"], prompt.get("tools")))
    best = model.logits(model(torch.tensor([ids]))[0]).argmax(-1).tolist()
    return text if all(best[i - 1] == ids[i] for i in range(begin, len(ids)) if mask[i]) else ""


def shares(prompts, replies):
    """Per skill: how many prompts and how many answered rightly; and over all."""
    table = {}
    for p, r in zip(prompts, replies):
        for key in (p["skill"], "all"):
            row = table.setdefault(key, {"prompts": 0, "right": 0})
            row["prompts"] += 1
            row["right"] += right(p, r)
    for row in table.values():
        row["share"] = round(row["right"] / row["prompts"], 4)
    table["all"] = table.pop("all")
    return table


def show(table):
    """Print the table."""
    for skill, row in table.items():
        print(f"{skill:12} {row['right']:4} of {row['prompts']:4}  {100 * row['share']:5.1f} %", flush=True)


def write_heldout(path, prompts):
    """One prompt a line, without the reference reply."""
    with open(path, "w", encoding="utf-8") as file:
        for p in prompts:
            kept = {k: p[k] for k in ("skill", "messages", "tools", "schema", "expect") if p[k] is not None}
            kept["messages"] = [{k: v for k, v in m.items() if k != "pieces"} for m in p["messages"]]
            file.write(json.dumps(kept, ensure_ascii=False) + "\n")


def read_heldout(path):
    """The prompts of a file."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main():
    """Evaluate the committed weights on the committed prompts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=FOLDER)
    parser.add_argument("--prompts", default=HELDOUT)
    parser.add_argument("--fresh", type=int, default=0, help="draw this many new held-out prompts per skill instead")
    parser.add_argument("--seed", default="fresh")
    parser.add_argument("--show", type=int, default=0, help="wrong replies to print per skill")
    parser.add_argument("--json", help="write the table here")
    args = parser.parse_args()
    torch.set_num_threads(2)
    model, tokenizer = export.load(args.model)
    conversation.MILLION = f"{model.count() / 1e6:.1f}"
    prompts = conversation.held_prompts(args.seed, args.fresh) if args.fresh else read_heldout(args.prompts)
    replies = judge(model, tokenizer, prompts)
    shown = {}
    for p, r in zip(prompts, replies):
        if not right(p, r) and shown.setdefault(p["skill"], 0) < args.show:
            shown[p["skill"]] += 1
            print(f"[{p['skill']}] {p['messages'][-1]['content']!r} -> {r!r}, expected {p['expect']}")
    table = shares(prompts, replies)
    show(table)
    if args.json:
        export.write_json(args.json, table)


if __name__ == "__main__":
    main()
