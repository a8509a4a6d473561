"""Writes the model folder in Hugging Face's layout, and reads it back."""

import json
import os
import struct

import torch

import tokenizer as tok
from model import Decoder, Shape


def write_json(path, value):
    """Indented JSON with a final line break."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
        file.write("\n")


def write_safetensors(path, tensors):
    """The safetensors format: length of the header, header, bytes. All tensors in bfloat16."""
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, t in sorted(tensors.items()):
        data = t.detach().to(torch.bfloat16).contiguous().view(torch.int16).numpy().tobytes()
        header[name] = {"dtype": "BF16", "shape": list(t.shape), "data_offsets": [offset, offset + len(data)]}
        blobs.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path):
    """The tensors of such a file as float32."""
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), bytearray(file.read())
    header.pop("__metadata__", None)
    return {n: torch.frombuffer(data[e["data_offsets"][0]:e["data_offsets"][1]], dtype=torch.bfloat16)
            .reshape(e["shape"]).float() for n, e in header.items()}


def save(folder, model, tokenizer):
    """Write config, generation config, tokenizer and weights."""
    s = model.s
    os.makedirs(folder, exist_ok=True)
    end, pad = tokenizer.specials["<|im_end|>"], tokenizer.specials["<|endoftext|>"]
    write_json(f"{folder}/config.json", {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": s.vocab, "hidden_size": s.hidden,
        "intermediate_size": s.ffn, "num_hidden_layers": s.layers, "num_attention_heads": s.heads,
        "num_key_value_heads": s.kv_heads, "head_dim": s.head_dim, "hidden_act": "silu",
        "max_position_embeddings": s.context, "rope_theta": s.theta, "rms_norm_eps": s.eps, "tie_word_embeddings": True,
        "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True, "use_sliding_window": False,
        "bos_token_id": None, "eos_token_id": end, "pad_token_id": pad, "torch_dtype": "bfloat16"})
    write_json(f"{folder}/generation_config.json", {
        "do_sample": False, "eos_token_id": [end, pad], "pad_token_id": pad, "max_new_tokens": 256})
    files = tokenizer.files(s.context)
    write_json(f"{folder}/tokenizer.json", files[0])
    write_json(f"{folder}/tokenizer_config.json", files[1])
    write_safetensors(f"{folder}/model.safetensors", {f"model.{n}": p for n, p in model.named_parameters()})


def load(folder):
    """Model and tokenizer from a folder that save() wrote."""
    with open(f"{folder}/config.json", encoding="utf-8") as file:
        c = json.load(file)
    model = Decoder(Shape(c["vocab_size"], c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"],
                          c["num_key_value_heads"], c["head_dim"], c["intermediate_size"], c["max_position_embeddings"],
                          c["rope_theta"], c["rms_norm_eps"]))
    weights = read_safetensors(f"{folder}/model.safetensors")
    model.load_state_dict({n[len("model."):]: t for n, t in weights.items()})
    return model, tok.load(f"{folder}/tokenizer.json")
