"""Trains the built-in chat model from nothing: data, tokenizer, weights, evaluation.

Run: python3 src/Host/DemoModel/recipe/train.py
"""

import argparse
import ctypes
import json
import os
import random
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # waiting threads sleep: kinder on a shared machine, and faster there

import torch
import torch.nn.functional as F

import conversation
import evaluate
import export
import optimizer
import tokenizer as tok
from model import Decoder, Shape

SEED = 20261128
# (step, share of the peak learning rate), straight lines between: a rise, a plateau, a fall.
SCHEDULE = [(-1, 0.0), (99, 1.0), (2500, 1.0), (6000, 0.0)]
LATER = 13  # from which pool of batches on the later weights of the skills hold
TOKENS_PER_BATCH = 4096
BATCHES_PER_POOL = 64
LONGEST = 1000
VOCAB = 1024
TOKENIZER_SAMPLES = 20000


def pools(tokenizer, seed, start=0):
    """Endless batches (ids, targets): rows of like length, right-padded, targets -1 where nothing is learnt.

    Every pool has its own seed, so that a restarted run goes on exactly where it stopped.
    """
    number = start
    while True:
        rng = random.Random(f"{seed}-pool-{number}")
        rows, total = [], 0
        while total < TOKENS_PER_BATCH * BATCHES_PER_POOL:
            ids, mask = tokenizer.chat(*conversation.conversation(rng, int(number >= LATER)))
            if len(ids) <= LONGEST:
                rows.append((ids, mask))
                total += len(ids)
        rows.sort(key=lambda r: len(r[0]))
        batches, batch = [], []
        for row in rows:
            if batch and len(row[0]) * (len(batch) + 1) > TOKENS_PER_BATCH * 1.05:
                batches.append(batch)
                batch = []
            batch.append(row)
        rng.shuffle(batches)
        for batch in batches:
            yield number, pad(batch)
        number += 1


def pad(batch):
    """Tensors of a batch, shifted by one for the targets."""
    longest = max(len(ids) for ids, _ in batch) - 1
    x = torch.zeros(len(batch), longest, dtype=torch.long)
    y = torch.full((len(batch), longest), -1, dtype=torch.long)
    for i, (ids, mask) in enumerate(batch):
        t = torch.tensor(ids)
        x[i, :len(ids) - 1] = t[:-1]
        y[i, :len(ids) - 1] = torch.where(torch.tensor(mask[1:]) > 0, t[1:], torch.tensor(-1))
    return x, y


def keep_memory():
    """Let glibc keep freed memory: asking the kernel for fresh pages costs a third of the time otherwise."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(-4, 0)            # M_MMAP_MAX: no separate mappings for big blocks
        libc.mallopt(-1, 2 ** 31 - 1)  # M_TRIM_THRESHOLD: do not give memory back
    except (OSError, AttributeError):
        pass  # another C library: only slower


def rate(step, steps):
    """Share of the peak learning rate; a run of another length stretches the schedule."""
    at = step * SCHEDULE[-1][0] / steps
    for (x0, y0), (x1, y1) in zip(SCHEDULE, SCHEDULE[1:]):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return 0.0


def train_tokenizer():
    """The tokenizer, from conversations of the same recipe."""
    rng = random.Random(f"{SEED}-tokenizer")
    texts = []
    for _ in range(TOKENIZER_SAMPLES):
        for m in tok.with_tools(*conversation.conversation(rng)):
            texts += tok.MARKS_PATTERN.split(tok.content(m)) + [m["role"] + "\n"]
    return tok.train(texts, VOCAB)


class Run:
    """A training run that can be stopped and taken up again."""

    def __init__(self, args):
        self.args = args
        torch.manual_seed(SEED)
        self.step, self.tokens, self.seconds, self.pool, self.skip = 0, 0, 0.0, 0, 0
        if args.start:
            self.model, self.tokenizer = export.load(args.start)
            self.pool = LATER
        else:
            self.model, self.tokenizer = Decoder(Shape(vocab=VOCAB)), train_tokenizer()
        conversation.MILLION = f"{self.model.count() / 1e6:.1f}"
        self.optimizers = optimizer.build(self.model, args.lr_matrix, args.lr_rest)
        if args.checkpoint and os.path.exists(args.checkpoint):
            self.restore()

    def restore(self):
        """Continue from a checkpoint."""
        state = torch.load(self.args.checkpoint)
        self.model.load_state_dict(state["model"])
        for o, s in zip(self.optimizers, state["optimizers"]):
            o.load_state_dict(s)
        self.step, self.tokens, self.seconds, self.pool, self.skip = state["progress"]
        print(f"continuing at step {self.step}", flush=True)

    def checkpoint(self):
        """Write a checkpoint, whole or not at all."""
        if not self.args.checkpoint:
            return
        progress = (self.step, self.tokens, self.seconds, self.pool, self.skip)
        torch.save({"model": self.model.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers],
                    "progress": progress}, self.args.checkpoint + ".new")
        os.replace(self.args.checkpoint + ".new", self.args.checkpoint)

    def batches(self):
        """Batches from where the run stands."""
        skip = self.skip
        for number, batch in pools(self.tokenizer, SEED, self.pool):
            if number != self.pool:
                self.pool, self.skip = number, 0
            if skip:
                skip -= 1
                continue
            self.skip += 1
            yield batch

    def learn(self, x, y):
        """One step; returns the loss on what the assistant says."""
        for o in self.optimizers:
            for g in o.param_groups:
                g["lr"] = g["peak"] * rate(self.step, self.args.steps)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not self.args.fp32):
            hidden = self.model(x)
            taught = (y >= 0).flatten().nonzero().flatten()
            scores = self.model.logits(hidden.flatten(0, 1)[taught])
        loss = F.cross_entropy(scores.float(), y.flatten()[taught])
        for o in self.optimizers:
            o.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for o in self.optimizers:
            o.step()
        return loss.item()

    def train(self):
        """All steps, with a line of progress now and then."""
        print(f"{self.model.count()} parameters, vocabulary {len(self.tokenizer)}, {self.args.steps} steps", flush=True)
        began, before, losses, seen, mark, saved = time.time(), self.seconds, [], 0, time.time(), time.time()
        for x, y in self.batches():
            if self.step >= self.args.steps:
                break
            losses.append(self.learn(x, y))
            self.step += 1
            self.tokens += x.numel()
            seen += x.numel()
            self.seconds = before + time.time() - began
            if self.step % 25 == 0:
                speed = seen / (time.time() - mark)
                left = (self.args.steps - self.step) * TOKENS_PER_BATCH / speed / 60
                print(f"step {self.step}/{self.args.steps}  loss {sum(losses) / len(losses):.4f}  {speed:.0f} tokens/s  "
                      f"{left:.0f} min left", flush=True)
                losses, seen, mark = [], 0, time.time()
            if time.time() - saved > 180:
                self.checkpoint()
                saved = time.time()
        self.checkpoint()


def main():
    """Train, export, evaluate."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=SCHEDULE[-1][0])
    parser.add_argument("--lr-matrix", type=float, default=0.02)
    parser.add_argument("--lr-rest", type=float, default=0.003)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fp32", action="store_true", help="train in float32 throughout (slower)")
    parser.add_argument("--out", default=os.path.join(os.path.dirname(here), "model"))
    parser.add_argument("--start", help="folder of a model to go on from, in place of random weights and a new tokenizer")
    parser.add_argument("--checkpoint", help="file to save progress to and to continue from")
    parser.add_argument("--heldout", type=int, default=40, help="held-out prompts per skill")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    keep_memory()
    run = Run(args)
    run.train()
    export.save(args.out, run.model, run.tokenizer)
    prompts = conversation.held_prompts(SEED, args.heldout)
    evaluate.write_heldout(evaluate.HELDOUT, prompts)
    model, tokenizer = export.load(args.out)  # judge what was written: bfloat16 weights
    table = evaluate.shares(prompts, evaluate.judge(model, tokenizer, prompts))
    evaluate.show(table)
    export.write_json(f"{args.out}/evaluation.json", {
        "model": "streamcore-demo", "parameters": model.count(), "seed": SEED, "steps": run.step, "tokens": run.tokens,
        "minutes": round(run.seconds / 60, 1), "decoding": "greedy", "heldOut": table})
    print(json.dumps(table["all"]))


if __name__ == "__main__":
    main()
