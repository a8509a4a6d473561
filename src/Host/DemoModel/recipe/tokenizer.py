"""A byte-level BPE tokenizer: training, encoding, decoding and the Hugging Face file format."""

import json
import re
from collections import Counter, defaultdict

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# Words with their leading space, single digits, punctuation, white space. Only explicit ASCII classes, so that
# every regex engine splits alike.
PATTERN = r" ?[A-Za-z]+|[0-9]| ?[^A-Za-z0-9 \t\r\n]+|[ \t\r\n]+(?![^ \t\r\n])|[ \t\r\n]+"

CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
                 "'<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def byte_alphabet():
    """GPT-2's map from bytes to printable characters."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {}, 0
    for b in range(256):
        if b in keep:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


ALPHABET = byte_alphabet()
BYTES = {c: b for b, c in ALPHABET.items()}


def to_units(piece):
    """A piece of text as characters of the byte alphabet."""
    return "".join(ALPHABET[b] for b in piece.encode("utf-8"))


def train(texts, size):
    """Learn merges from texts until the vocabulary, special tokens included, has the given size."""
    counts = Counter()
    for text in texts:
        counts.update(re.findall(PATTERN, text))
    words = [(list(to_units(w)), n) for w, n in sorted(counts.items())]
    pairs, where = Counter(), defaultdict(set)
    for i, (units, n) in enumerate(words):
        for p in zip(units, units[1:]):
            pairs[p] += n
            where[p].add(i)
    merges = []
    while len(merges) < size - 256 - len(SPECIALS):
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        for i in sorted(where.pop(best)):
            units, n = words[i]
            for p in zip(units, units[1:]):
                pairs[p] -= n
            merged, k = [], 0
            while k < len(units):
                if k + 1 < len(units) and (units[k], units[k + 1]) == best:
                    merged.append(units[k] + units[k + 1])
                    k += 2
                else:
                    merged.append(units[k])
                    k += 1
            words[i] = (merged, n)
            for p in zip(merged, merged[1:]):
                pairs[p] += n
                where[p].add(i)
        del pairs[best]
    return Tokenizer(merges)


class Tokenizer:
    """Encodes and decodes with a list of merges."""

    def __init__(self, merges):
        self.merges = merges
        tokens = [ALPHABET[b] for b in range(256)] + [a + b for a, b in merges]
        self.vocab = {t: i for i, t in enumerate(tokens)}
        self.specials = {s: len(tokens) + i for i, s in enumerate(SPECIALS)}
        self.names = tokens + SPECIALS
        self.ranks = {pair: i for i, pair in enumerate(merges)}
        self.cache = {}

    def __len__(self):
        return len(self.names)

    def piece(self, text):
        """The ids of one piece of the split."""
        ids = self.cache.get(text)
        if ids is None:
            units = list(to_units(text))
            while len(units) > 1:
                rank, k = min((self.ranks.get(p, 1 << 30), k) for k, p in enumerate(zip(units, units[1:])))
                if rank == 1 << 30:
                    break
                units[k:k + 2] = [units[k] + units[k + 1]]
            ids = [self.vocab[u] for u in units]
            if len(self.cache) < 200000:
                self.cache[text] = ids
        return ids

    def encode(self, text):
        """The ids of a text without special tokens."""
        return [i for piece in re.findall(PATTERN, text) for i in self.piece(piece)]

    def decode(self, ids):
        """The text of ids; special tokens are left out."""
        units = "".join(self.names[i] for i in ids if i < len(self.vocab))
        return bytes(BYTES[c] for c in units).decode("utf-8", "replace")

    def chat(self, messages):
        """Ids of a conversation in ChatML and a mask of what the assistant says (its end mark included)."""
        start, end = self.specials["<|im_start|>"], self.specials["<|im_end|>"]
        ids, mask = [], []
        for m in messages:
            head = [start] + self.encode(m["role"] + "\n")
            # The line break after the role and the content are split together, as a server would do it.
            body = [start] + self.encode(m["role"] + "\n" + m["content"])
            if body[:len(head)] != head:
                head = body[:len(head)]
            ids += body + [end] + self.encode("\n")
            said = 1 if m["role"] == "assistant" else 0
            mask += [0] * len(head) + [said] * (len(body) - len(head) + 1) + [0] * len(self.encode("\n"))
        return ids, mask

    def prompt(self, messages):
        """Ids of a conversation with the opening of the assistant's reply."""
        return self.chat(messages)[0] + [self.specials["<|im_start|>"]] + self.encode("assistant\n")

    def files(self, context):
        """The contents of tokenizer.json and tokenizer_config.json."""
        added = [{"id": i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                  "special": True} for s, i in self.specials.items()]
        tokenizer = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}]},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {**self.vocab, **self.specials}, "merges": [f"{a} {b}" for a, b in self.merges]},
        }
        config = {
            "tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": False, "add_bos_token": False, "bos_token": None,
            "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "unk_token": None, "errors": "replace",
            "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "model_max_length": context,
            "clean_up_tokenization_spaces": False, "split_special_tokens": False,
            "added_tokens_decoder": {str(a["id"]): {k: v for k, v in a.items() if k != "id"} for a in added},
            "chat_template": CHAT_TEMPLATE,
        }
        return tokenizer, config


def load(path):
    """Read a tokenizer.json that this module wrote."""
    with open(path, encoding="utf-8") as file:
        merges = json.load(file)["model"]["merges"]
    return Tokenizer([tuple(m.split(" ")) for m in merges])
