"""A byte-level BPE tokenizer: training, encoding, decoding and the Hugging Face file format."""

import json
import re
from collections import Counter, defaultdict

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

# Words with their leading space, single digits, punctuation, white space. Only explicit ASCII classes, so that
# every regex engine splits alike.
PATTERN = r" ?[A-Za-z]+|[0-9]| ?[^A-Za-z0-9 \t\r\n]+|[ \t\r\n]+(?![^ \t\r\n])|[ \t\r\n]+"

# Tokens that are text: they open and close a call (the markup of Hermes and Qwen).
MARKS = ["<tool_call>", "</tool_call>"]
CALL, END_CALL = MARKS
MARKS_PATTERN = re.compile(f"({'|'.join(MARKS)})")

# ChatML. Tools stand at the end of the system message, a line each: their name, their parameters in short, what they do.
CHAT_TEMPLATE = """\
{%- if messages and messages[0].role == 'system' %}
    {%- set system = messages[0].content or '' %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if system %}
        {{- system + '\\n' }}
    {%- endif %}
    {{- 'Tools:' }}
    {%- for tool in tools %}
        {%- set function = tool.function %}
        {%- set required = function.parameters.required if function.parameters and function.parameters.required else [] %}
        {{- '\\n' + function.name + '(' }}
        {%- if function.parameters and function.parameters.properties %}
            {%- for name, property in function.parameters.properties.items() %}
                {{- name + (': ' if name in required else '?: ') }}
                {%- if property.enum %}
                    {{- property.enum | join('|') }}
                {%- elif property.type is string %}
                    {{- property.type }}
                {%- else %}
                    {{- 'any' }}
                {%- endif %}
                {{- '' if loop.last else ', ' }}
            {%- endfor %}
        {%- endif %}
        {{- ')' + (': ' + function.description if function.description else '') }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- elif system is defined %}
    {{- '<|im_start|>system\\n' + system + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in rest %}
    {{- '<|im_start|>' + message.role + '\\n' + (message.content or '') }}
    {%- for call in message.tool_calls or [] %}
        {{- ('\\n' if message.content or not loop.first else '') + '<tool_call>\\n{"name": ' + (call.function.name | tojson) }}
        {{- ', "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}"""


def signature(tool):
    """A tool in a line, as the chat template writes it."""
    function = tool["function"]
    parameters = function.get("parameters") or {}
    told = [f"{name}{'' if name in parameters.get('required', []) else '?'}: {'|'.join(p['enum']) if 'enum' in p else p['type']}"
            for name, p in parameters.get("properties", {}).items()]
    about = function.get("description")
    return f"{function['name']}({', '.join(told)})" + (f": {about}" if about else "")


def content(message):
    """What a message says, its calls included, as the chat template writes it."""
    text = message["content"] or ""
    for call in message.get("tool_calls", []):
        function = call["function"]
        body = json.dumps({"name": function["name"], "arguments": json.loads(function["arguments"])}, ensure_ascii=False)
        text += ("\n" if text else "") + f"{CALL}\n{body}\n{END_CALL}"
    return text


def with_tools(messages, tools):
    """The messages with the tools at the end of the system message."""
    if not tools:
        return messages
    system = messages[0]["content"] if messages[0]["role"] == "system" else ""
    text = (system + "\n" if system else "") + "Tools:" + "".join("\n" + signature(t) for t in tools)
    return [{"role": "system", "content": text}] + [m for m in messages if m["role"] != "system"]


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
    while len(merges) < size - 256 - len(SPECIALS) - len(MARKS):
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
        self.marks = {s: len(tokens) + len(SPECIALS) + i for i, s in enumerate(MARKS)}
        self.names = tokens + SPECIALS + MARKS
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
        ids = []
        for part in MARKS_PATTERN.split(text):
            if part in self.marks:
                ids.append(self.marks[part])
            else:
                ids += [i for piece in re.findall(PATTERN, part) for i in self.piece(piece)]
        return ids

    def decode(self, ids):
        """The text of ids; special tokens are left out."""
        data = b""
        for i in ids:
            name = self.names[i]
            if name in self.marks:
                data += name.encode()
            elif i < len(self.vocab):
                data += bytes(BYTES[c] for c in name)
        return data.decode("utf-8", "replace")

    def learnt(self, ids, pieces):
        """For each id 1 where it begins in a piece that is learnt, else 0; what ends a number is learnt with it."""
        flags = []
        for text, taught in pieces:
            size = len(text.encode("utf-8"))
            flags += [1] * size if taught else [int(bool(flags) and last.isdigit())] + [0] * (size - 1)
            last = text[-1] if taught else ""
        out, at = [], 0
        for i in ids:
            out.append(flags[at])
            at += len(self.names[i])
        return out

    def chat(self, messages, tools=None):
        """Ids of a conversation in ChatML and a mask of what is learnt of the assistant's words (its end mark included)."""
        start, end = self.specials["<|im_start|>"], self.specials["<|im_end|>"]
        ids, mask = [], []
        for m in with_tools(messages, tools):
            head = [start] + self.encode(m["role"] + "\n")
            # The line break after the role and the content are split together, as a server would do it.
            body = [start] + self.encode(m["role"] + "\n" + content(m))
            if body[:len(head)] != head:
                head = body[:len(head)]
            said = 1 if m["role"] == "assistant" else 0
            told = [said] * (len(body) - len(head))
            if "pieces" in m:
                told = self.learnt(body[len(head):], m["pieces"])
            ids += body + [end] + self.encode("\n")
            mask += [0] * len(head) + told + [said] + [0] * len(self.encode("\n"))
        return ids, mask

    def prompt(self, messages, tools=None):
        """Ids of a conversation with the opening of the assistant's reply."""
        return self.chat(messages, tools)[0] + [self.specials["<|im_start|>"]] + self.encode("assistant\n")

    def files(self, context):
        """The contents of tokenizer.json and tokenizer_config.json."""
        added = [{"id": i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                  "special": s in self.specials} for s, i in {**self.specials, **self.marks}.items()]
        tokenizer = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}]},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {**self.vocab, **self.specials, **self.marks}, "merges": [f"{a} {b}" for a, b in self.merges]},
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
